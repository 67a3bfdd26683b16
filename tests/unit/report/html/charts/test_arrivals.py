"""How soon how much was there: of all that was expected, with what rows demand of it."""

from __future__ import annotations

import json

import pytest

from tests.helpers.channel_result import with_channels
from tests.helpers.results import benchmark
from tests.helpers.sample_result import sample_result
from wedload.report.html.channel_seconds import channels_of
from wedload.report.html.charts.arrivals import arrivals
from wedload.report.html.charts.bands import bands_of
from wedload.report.html.charts.figure import Side, chart_json
from wedload.report.html.seconds import seconds_of
from wedload.statistics.bounds import samples_for_quantile
from wedload.units import NS_PER_MS

ROWS = [
    benchmark("Soon", metric="webhook_delivery_duration", require="p95 < 1s"),
    benchmark("Never later", metric="webhook_delivery_duration", require="max < 2s",
              aggregation="max"),
    benchmark("None <lost>", metric="webhook_delivered", require="rate > 99.9%",
              aggregation="rate", unit="ratio"),
]  # fmt: skip


def side_of(label="", *, rows=(), samples=True, within_ms=None, **channels):
    plain = sample_result(scale=0.1, samples=samples, benchmarks=list(rows))
    result = with_channels(plain, **channels)
    result.run.within_ms.update(within_ms or {})
    return Side(label, seconds_of(result), bands_of(result), channels_of(result))


def test_a_share_is_there_as_soon_as_the_histogram_says():
    side = side_of(lost=0.0, per_s=60)
    channel = side.channel("notices")
    assert channel is not None

    (trace,) = arrivals([side], "notices").data

    at = dict(zip(trace["y"], trace["x"], strict=True))
    assert at[2] == pytest.approx(channel.took.whole.quantile_ns(0.5) / NS_PER_MS, rel=1e-3)
    assert at[20] == pytest.approx(channel.took.whole.quantile_ns(0.95) / NS_PER_MS, rel=1e-3)
    assert trace["x"] == sorted(trace["x"])
    assert channel.expected >= samples_for_quantile(1 - 1 / max(trace["y"]))


def test_what_never_came_ends_the_line_early():
    side = side_of(lost=0.1, per_s=60)

    (trace,) = arrivals([side], "notices").data

    assert max(trace["y"]) < 11  # 90 %
    assert " never came." in arrivals([side], "notices").summary
    assert "95 % within" not in arrivals([side], "notices").summary


def test_rows_are_marked_where_they_demand_something():
    _, soon, latest, reliable = arrivals([side_of(rows=ROWS)], "notices").data

    assert soon["name"] == "Soon: p95 &lt; 1s"
    assert soon["x"][1:] == [1000, 1000]
    assert soon["y"] == pytest.approx([20, 20, 1])
    assert (latest["x"], latest["y"]) == ([2000, 2000], [1, 10_000])
    assert reliable["name"] == "None &lt;lost&gt;: rate &gt; 99.9%"
    assert reliable["y"] == pytest.approx([1000, 1000])
    assert reliable["x"][1] == 2000  # as far as there is anything


def test_a_reliability_is_demanded_within_the_deadline():
    figure = arrivals([side_of(rows=ROWS[2:], within_ms={"notices": 2500.0})], "notices")

    _, reliable = figure.data
    assert reliable["x"][1:] == [2500, 2500]
    assert reliable["y"] == pytest.approx([1000, 1000, 1])
    assert reliable["name"] == "None &lt;lost&gt;: rate &gt; 99.9% within 2.50 s"
    assert figure.summary.endswith("Demanded by “None <lost>”: rate > 99.9% within 2.50 s.")


def test_a_sentence_says_the_figures_and_what_is_demanded():
    side = side_of(rows=ROWS, lost=0.0)

    words = arrivals([side], "notices").summary

    channel = side.channel("notices")
    assert channel is not None
    assert words.startswith(f"Of {channel.expected:,} that were expected, 50 % within ")
    assert "All came. Demanded by “Soon”: p95 < 1s. Demanded by “Never later”: " in words


def test_two_runs_have_a_line_each_and_the_rows_of_the_last():
    sides = [side_of("base", lost=0.0), side_of("current", rows=ROWS, slower=1.5)]

    figure = arrivals(sides, "notices")

    assert [one["name"] for one in figure.data[:2]] == ["there, base", "there, current"]
    assert len(figure.data) == 5
    assert "current: Of " in figure.summary


@pytest.mark.parametrize("changes", [{"samples": False}, {"per_s": 0.0}, {"per_s": 0.1}])
def test_any_run_has_a_figure_that_is_json(changes):
    for name in ("notices", "guests", "nobody"):
        figure = arrivals([side_of(rows=ROWS, **changes)], name)

        json.dumps(chart_json([figure]), allow_nan=False)
        assert figure.summary.endswith(".")
