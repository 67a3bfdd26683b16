from __future__ import annotations

from tests.helpers import weak_results as weak
from wedload.analysis.analyse import analyse
from wedload.report.analysis_words import (
    LEVELS,
    cells_of,
    is_worth_telling,
    level_cells,
    longest_words,
    part_rows,
    refused_lines,
)
from wedload.results.analysis_model import Analysis, Level, ServicePart


def level(*parts, **more):
    services = [
        ServicePart(service=service, operation=operation, self_ms=share * 10, share=share)
        for service, operation, share in parts
    ]
    return Level(
        name="peak", seconds=30, vus=40, in_flight=20.86, rate_per_s=37.2, mean_ms=560.0,
        p95_ms=None, failed_ratio=0.01, services=services, **more,
    )  # fmt: skip


def test_a_level_has_a_cell_for_each_column():
    cells = level_cells(level(("api", "GET /", 1.0)))
    assert len(cells) == len(LEVELS)
    assert cells == ("peak", "20.9", "37.2/s", "560 ms", "–", "1 %", "api 100 %")


def test_the_longest_part_is_a_services_with_all_its_operations():
    parts = (("api", "a", 0.3), ("api", "b", 0.3), ("db", "c", 0.4))
    assert longest_words(level(*parts)) == "api 60 %"
    assert longest_words(level()) == "–"


def test_parts_are_those_of_the_highest_load_beside_the_lowest():
    low, high = level(("db", "q", 0.5)), level(("db", "q", 0.6), ("api", None, 0.4))
    rows = part_rows(Analysis(verdict="", levels=[level(), low, high]), 5)
    assert [cells_of(one) for one in rows] == [
        ("db: q", "5.0 ms", "6.0 ms", "60 %"),
        ("api", "0 µs", "4.0 ms", "40 %"),
    ]
    assert part_rows(Analysis(verdict="", levels=[level(), low]), 5)[0].low_ms is None
    assert part_rows(Analysis(verdict="", levels=[level()]), 5) == []


def test_what_was_refused_is_told_by_its_name():
    found = Analysis(verdict="", refused={"little": "no stage holds", "new": "who knows"})
    assert list(refused_lines(found)) == ["Little's law: no stage holds", "new: who knows"]


def test_a_run_without_a_level_has_nothing_worth_telling():
    assert is_worth_telling(analyse(weak.sound()))
    assert not is_worth_telling(Analysis(verdict="too few"))
