"""Rows about what was sampled of resources: known answers, second by second."""

from __future__ import annotations

import pytest

from wedload.metrics.catalogue import Catalogue, Phase
from wedload.metrics.levels import Level, LevelKey
from wedload.metrics.snapshot import Snapshot
from wedload.metrics.summary import Summary
from wedload.plan.row_table import parse_row
from wedload.verdict.judge import judge
from wedload.verdict.level_rows import LevelRows

CPU = LevelKey("api", "resource_cpu")
OF = "resource_cpu{resource=api}"


def rows_of(benchmarks, levels, *, key=CPU, begin=0):
    """The rows after these levels, a second each; None: nothing was sampled."""
    catalogue = Catalogue()
    catalogue.add_phase(Phase("a", "ramp", 5.0, 0.0))
    catalogue.add_phase(Phase("a", "peak", 5.0, 5.0))
    found = LevelRows(catalogue, {name: parse_row(one) for name, one in benchmarks.items()})
    for second, level in enumerate(levels, begin):
        sampled = {} if level is None else {key: Level(level)}
        found.add(Snapshot(-1, second, levels=sampled))
    return found


@pytest.mark.parametrize(
    ("requirement", "status", "observed", "samples"),
    [
        (f"{OF}: max < 80%", "missed", 0.9, 10),
        (f"{OF}: min >= 0%", "met", 0.0, 10),
        (f"{OF}: avg < 50%", "met", 0.45, 10),
        (f"{OF}: last == 90%", "met", 0.9, 10),
        ("resource_cpu{resource=api, stage=ramp}: max < 80%", "met", 0.4, 5),
        ("resource_cpu{resource=api, stage=peak}: min > 50%", "missed", 0.5, 5),
        ("resource_cpu{resource=db}: max < 80%", "no-data", None, 0),
        (f"{OF}: p95 < 80%", "insufficient", 0.9, 10),
        (f"{OF}: med < 50%", "met", 0.4, 10),
    ],
)
def test_row_is_judged_by_the_samples_that_it_selects(requirement, status, observed, samples):
    row = rows_of({"row": requirement}, [n / 10 for n in range(10)]).rows()["row"]

    assert (row.status, row.observed, row.samples) == (status, pytest.approx(observed), samples)


def test_seconds_before_and_those_without_a_sample_do_not_count():
    benchmarks = {"row": {"require": f"{OF}: max < 80%", "after": "3s"}}

    found = rows_of(benchmarks, [0.9, 0.9, 0.9, None, 0.5, 0.6]).rows()["row"]

    assert (found.status, found.observed, found.samples) == ("met", 0.6, 2)
    assert rows_of({"row": f"{OF}: max < 80%"}, [0.9], begin=-1).rows()["row"].status == "no-data"


def test_every_window_must_meet_a_row_and_the_worst_one_is_shown():
    benchmarks = {"row": {"require": f"{OF}: avg < 50%", "window": "3s"}}

    found = rows_of(benchmarks, [0.1, 0.1, 0.7, 0.9, 0.8, 0.1, 0.0]).rows()["row"]

    assert (found.status, found.at_s, found.samples) == ("missed", 5, 3)
    assert found.observed == pytest.approx(0.8)
    assert rows_of(benchmarks, [0.9, 0.9]).rows()["row"].status == "insufficient"


@pytest.mark.parametrize(
    ("table", "levels", "after_s"),
    [
        ({"require": f"{OF}: max < 80%"}, [0.1, 0.9, 0.1], 2),
        ({"require": f"{OF}: min > 20%"}, [0.5, 0.5, 0.1], 3),
        ({"require": f"{OF}: avg < 50%", "window": "2s"}, [0.1, 0.6, 0.6, 0.1], 3),
        ({"require": f"{OF}: max < 80%"}, [0.1, 0.7], None),
        ({"require": f"{OF}: max < 80%", "after": "2s"}, [0.9, 0.9, 0.1], None),
    ],
)
def test_certain_miss_aborts_the_load_and_is_told_as_it_was_then(table, levels, after_s):
    found = rows_of({"row": {**table, "abort": True}}, levels)

    assert (None if found.abort is None else found.abort.after_s) == after_s
    if found.abort is not None:
        assert found.rows(found.abort)["row"] == found.abort.row


def test_missed_row_says_so_in_its_unit():
    memory = "resource_memory{resource=api}: max < 500MB"
    rows = rows_of({"row": memory}, [4e8, 5.2e8], key=LevelKey("api", "resource_memory"))

    found = judge(Summary(Catalogue()), {"row": parse_row(memory)}, load_s=2, timed=rows.rows())

    assert found.reasons == (
        (
            "row: resource_memory{resource='api'} max is 520 MB, required < 500MB, missed by 4 % "
            "(2 samples)."
        ),
    )


def test_row_without_a_sample_makes_a_run_invalid_and_says_where_to_look():
    rows = rows_of({"row": f"{OF}: max < 80%"}, [None, None])

    found = judge(
        Summary(Catalogue()), {"row": parse_row(f"{OF}: max < 80%")}, load_s=2, timed=rows.rows()
    )

    assert found.outcome == "invalid"
    assert found.reasons == (
        "row: no sample of resource_cpu{resource='api'}; the notes on the resource say why.",
    )
