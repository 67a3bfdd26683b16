from __future__ import annotations

from tests.helpers import weak_results as weak
from wedload.analysis.analyse import analyse
from wedload.report.html.charts.latency_split import latency_split
from wedload.results.analysis_model import Analysis, Level, ServicePart


def test_bars_of_a_level_add_up_to_its_mean():
    found = analyse(weak.index_dropped())
    made = latency_split(found)
    levels = [one for one in found.levels if one.services]
    assert made.data[0]["x"] == [one.name for one in levels]
    for place, level in enumerate(levels):
        total = sum(one["y"][place] for one in made.data)
        assert abs(total - level.mean_ms) < 0.06 * level.mean_ms


def test_the_words_of_it_say_who_has_the_most_at_both_ends():
    words = latency_split(analyse(weak.small_pool())).summary
    assert words.startswith("“ramp, 12–16 VUs”: ")
    assert "“peak”: 358 ms on average, most of it sandbox, " in words


def test_what_has_no_colour_of_its_own_is_one_bar():
    parts = [ServicePart(service=f"s{n}", self_ms=20.0 - n, share=0.1) for n in range(10)]
    level = Level(
        name="a", seconds=1, vus=1, in_flight=1, rate_per_s=1, mean_ms=155, p95_ms=None,
        failed_ratio=0, services=parts,
    )  # fmt: skip
    made = latency_split(Analysis(verdict="", levels=[level]))
    assert [one["name"] for one in made.data] == [*(f"s{n}" for n in range(7)), "all others"]
    assert made.data[-1]["y"] == [13.0 + 12.0 + 11.0]
