"""Figures: what is drawn is what the result holds, and nothing that it does not support."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tests.helpers.broken_result import fault, with_faults
from tests.helpers.sample_result import sample_result
from wedload.metrics.histogram import Histogram
from wedload.report.html.charts.bands import Band, bands_of, shade
from wedload.report.html.charts.curve import curve, quantiles
from wedload.report.html.charts.figure import Figure, Side, chart_json, ms
from wedload.report.html.charts.heatmap import heatmap
from wedload.report.html.charts.load import throughput, virtual_users
from wedload.report.html.charts.percentiles import percentiles
from wedload.report.html.seconds import seconds_of
from wedload.statistics.bounds import samples_for_quantile
from wedload.units import NS_PER_MS


def side_of(label="", **changes):
    result = sample_result(**changes)
    return Side(label, seconds_of(result), bands_of(result))


@pytest.fixture(scope="module")
def side():
    return side_of(scale=0.2)


@pytest.fixture(scope="module")
def empty():
    return side_of(samples=False)


@pytest.fixture(scope="module")
def pair():
    return [side_of("base", scale=0.1, seed=2), side_of("current", scale=0.12, slower=1.3)]


def all_figures(sides):
    for step in (None, "submit form"):
        yield from (throughput(sides, step), percentiles(sides, step), curve(sides, step))
        yield heatmap(sides[-1], step)
    yield virtual_users(sides)


def test_moments_are_past_what_plotly_takes_for_years():
    assert datetime.fromtimestamp(ms(61.5) / 1000, UTC) == datetime(
        1970, 1, 2, 0, 1, 1, 500_000, tzinfo=UTC
    )


@pytest.mark.parametrize("sides", ["side", "empty", "pair"])
def test_every_figure_is_json_and_has_words(sides, request):
    found = request.getfixturevalue(sides)
    for figure in all_figures(found if isinstance(found, list) else [found]):
        json.dumps(chart_json([figure, figure]), allow_nan=False)
        assert figure.summary.endswith(".")


def test_figures_of_a_chart_say_once_what_they_have_in_common():
    common = {"height": 300, "xaxis": {"type": "date"}}
    made = chart_json(
        [
            Figure([{"y": [1]}], common | {"yaxis2": {}}, "One.", (Band("ramp", 0, 60),)),
            Figure([{"y": [2]}], common | {"yaxis2": {"range": [0, 1]}}, "Two."),
        ]
    )
    assert made["layout"] == common | {"yaxis2": {}}
    assert made["bands"] == [{"begin": ms(0), "end": ms(60)}]
    assert [one["layout"] for one in made["figures"]] == [{}, {"yaxis2": {"range": [0, 1]}}]
    assert [one["data"] for one in made["figures"]] == [[{"y": [1]}], [{"y": [2]}]]


def test_throughput_shows_every_request_and_failure(side):
    requests, failed = throughput([side], None).data
    assert sum(requests["y"]) == side.seconds.everything.requests.sum()
    assert sum(failed["y"]) == side.seconds.everything.failed.sum() > 0
    assert (requests["x0"], requests["dx"]) == (ms(0.5), 1000)
    assert failed["yaxis"] == "y2"


def test_throughput_says_totals_and_peaks():
    side = side_of(scale=0.1, load=0.1, steps=("dashboard",))
    one = side.seconds.steps[0]
    words = throughput([side], "dashboard").summary
    assert words.startswith(f"{one.requests.sum()} requests, on average ")
    assert f"at most {one.requests.max()}/s at " in words
    assert words.endswith("None failed.")


def test_seconds_of_a_long_run_are_averaged():
    side = side_of(scale=1.5, load=0.02, steps=("dashboard",))
    requests, _ = throughput([side], None).data
    assert len(requests["y"]) == 405
    assert (requests["x0"], requests["dx"]) == (ms(1), 2000)
    assert sum(requests["y"]) * 2 == pytest.approx(side.seconds.everything.requests.sum(), abs=5)


def test_virtual_users_are_as_the_result_has_them(side):
    figure = virtual_users([side])
    vus = side.seconds.vus.tolist()
    assert figure.data[0]["y"] == [*vus, vus[-1]]
    assert figure.data[0]["x"][-1] == ms(108)
    assert figure.summary == "At most 1,000 virtual users, first at 01:12."


def test_each_point_of_a_percentile_has_the_samples_that_p95_needs(side):
    p95, p50 = percentiles([side], "submit form").data
    assert (p95["name"], p50["name"]) == ("p95", "p50")
    shown = sum(y is not None for y in p95["y"])
    requests = side.seconds.of("submit form").requests.sum()
    assert 0 < shown <= requests // samples_for_quantile(0.95)
    assert all((a is None) == (b is None) for a, b in zip(p95["y"], p50["y"], strict=True))
    assert all(a > b for a, b in zip(p95["y"], p50["y"], strict=True) if a is not None)


def test_percentiles_without_samples_enough_are_not_drawn_and_said_to_be_missing():
    figure = percentiles([side_of(scale=0.05, load=0.01)], None)
    assert all(y is None for trace in figure.data for y in trace["y"])
    assert figure.summary == "No stretch has the 59 samples that a p95 needs."


def test_the_heat_map_counts_every_sample_once(side):
    (cells,) = heatmap(side, None).data
    assert sum(map(sum, cells["z"])) == side.seconds.everything.whole.count
    assert len(cells["y"]) == len(cells["z"]) + 1
    assert len(cells["x"]) == len(cells["z"][0]) + 1
    assert cells["zmax"] == max(map(max, cells["z"]))


def test_a_sample_is_in_the_cell_of_its_second_and_duration(empty):
    one = empty.seconds.everything
    samples = Histogram.of([round(value * NS_PER_MS) for value in (10.5, 10.6, 3000)])
    step = replace(one, durations=((0, samples), (2, samples)))
    side = Side("", replace(empty.seconds, length=3, everything=step))
    (cells,) = heatmap(side, None).data
    found = {
        (column, low, high): count
        for low, high, row in zip(cells["y"], cells["y"][1:], cells["z"], strict=False)
        for column, count in enumerate(row)
        if count
    }
    for (column, low, high), count in found.items():
        assert column in {0, 2}
        assert count == (2 if low < 11 else 1)
        assert low <= (10.5 if count == 2 else 3000) <= high
    assert len(found) == 4


def test_colours_of_a_heat_map_rise_by_a_constant_factor_from_one_request_on(side):
    (cells,) = heatmap(side, None).data
    positions = [at for at, _ in cells["colorscale"]]
    assert positions[0] == 0
    assert positions[-1] == 1
    assert positions == sorted(positions)
    assert cells["colorscale"][1][1] == "rgba(0,0,0,0)"  # nothing has no colour
    assert positions[2] * cells["zmax"] < 1  # and one request has one
    factors = [b / a for a, b in pairwise(positions[2:])]
    assert factors == pytest.approx([factors[0]] * len(factors))


def test_the_curve_shows_the_quantiles_of_the_whole(side):
    step = side.seconds.of("search suppliers")
    (line,) = curve([side], "search suppliers").data
    for x, y in zip(line["x"], line["y"], strict=True):
        assert y == pytest.approx(step.whole.quantile_ns(1 - 1 / x) / NS_PER_MS, rel=0.02)
    assert line["y"] == sorted(line["y"])


def test_the_curve_ends_where_samples_do(side):
    for line, one in zip(
        curve([side], None).data, (side.seconds.everything, *side.seconds.steps), strict=True
    ):
        drawn = max(line["x"])
        supported = [q for q in quantiles() if one.whole.count >= samples_for_quantile(q)]
        assert drawn == pytest.approx(1 / (1 - supported[-1]), rel=1e-3)
        assert line["name"] == one.label
    assert "lines end before; first of all dashboard ends at p99.8" in curve([side], None).summary


def test_of_many_steps_the_busiest_are_drawn_together():
    names = [f"step {number}" for number in range(20)]
    figure = curve([side_of(scale=0.05, steps=("dashboard", *names))], None)
    assert len(figure.data) == 13
    assert "dashboard" not in [line["name"] for line in figure.data]
    assert figure.summary.endswith("9 more steps, with fewer samples, are drawn where they are "
                                   "selected.")  # fmt: skip


def test_no_curve_is_drawn_of_a_few_samples():
    figure = curve([side_of(scale=0.01, load=0.02, steps=("dashboard",))], None)
    assert figure.data[0]["x"] == []
    assert figure.summary == "No line has the samples that a percentile needs."


def test_stages_are_shaded_and_named_as_far_as_the_run_came():
    bands = bands_of(sample_result(scale=0.2))
    assert [band.label for band in bands] == ["ramp", "normal", "surge", "peak", "cool-down"]
    assert (bands[2].begin_s, bands[2].end_s) == (24, 72)
    cut = sample_result(scale=0.2)
    parts = cut.model_dump(by_alias=True)
    parts["series"] |= {"second": list(range(30)), "vus": [1] * 30}
    for kind in ("rates", "trends"):
        parts["series"][kind] = []
    cut_bands = bands_of(type(cut).model_validate(parts))
    assert [band.label for band in cut_bands] == ["ramp", "normal", "surge"]
    assert cut_bands[-1].end_s == 30


def test_a_fault_is_shaded_in_a_colour_of_its_own():
    layout = {}
    shade(layout, [Band("ramp", 0, 60), Band("<stall>", 10, 20, "fault")])
    assert layout["shapes"][1]["fillcolor"] == "var(--band-fault)"
    assert layout["shapes"][1]["x0"] == ms(10)
    assert layout["annotations"][1]["text"] == "&lt;stall&gt;"


def test_two_runs_are_drawn_over_each_other_from_their_start_on(pair):
    figure = percentiles(pair, None)
    assert [one["name"] for one in figure.data] == [
        "p95, base", "p50, base", "p95, current", "p50, current",
    ]  # fmt: skip
    assert [one["line"]["dash"] for one in figure.data] == ["dot", "dot", "solid", "solid"]
    assert figure.layout["xaxis"]["range"] == [ms(0), ms(65)]  # of the longer one
    assert figure.summary.startswith("base: p95 is between ")
    assert len(curve(pair, None).data) == 2


def test_a_step_that_only_one_run_has_is_drawn_for_that_one():
    sides = [side_of("base", scale=0.05, steps=("dashboard",)), side_of("current", scale=0.05)]
    assert [one["name"] for one in curve(sides, "submit form").data] == ["submit form, current"]
    assert "base: No request." in throughput(sides, "submit form").summary


def test_names_cannot_be_markup_to_plotly():
    side = side_of(scale=0.05, steps=("<b>bold</b>", "%{y}"))
    for figure in (curve([side], None), curve([side], "<b>bold</b>")):
        assert not any("<" in one["name"] for one in figure.data)
    assert all("%{y}" not in one["hovertemplate"] for one in curve([side], "%{y}").data)


def test_what_took_no_time_that_can_be_told_does_not_stretch_an_axis(empty):
    whole = Histogram.of([0] * 50 + [40] * 50 + [3 * NS_PER_MS] * 100)
    step = replace(empty.seconds.everything, durations=((0, whole),), whole=whole)
    side = Side("", replace(empty.seconds, length=1, everything=step))

    (cells,) = heatmap(side, None).data
    shares = curve([side], None).data[0]

    assert min(cells["y"]) >= 0.0009
    assert sum(map(sum, cells["z"])) == 200
    assert min(shares["y"]) == 0.001


def test_a_line_with_too_few_samples_is_said_to_have_them(empty):
    enough, few = Histogram.of([NS_PER_MS] * 300), Histogram.of([NS_PER_MS] * 3)
    step = replace(empty.seconds.everything, label="All steps", whole=enough)
    rare = replace(empty.seconds.everything, label="rare", whole=few)
    side = Side("", replace(empty.seconds, everything=step, steps=(rare, step)))

    assert "rare has too few samples to be drawn (3)" in curve([side], None).summary


def test_faults_are_bands_with_names_one_below_the_other_where_they_overlap():
    broken = [
        fault("a", begin_s=10.0, end_s=30.0), fault("b", begin_s=20.0, end_s=25.0),
        fault("c", begin_s=30.0, end_s=90.0), fault("d", begin_s=99.0, end_s=100.0),
    ]  # fmt: skip
    bands = [one for one in bands_of(with_faults(sample_result(scale=0.1), broken))
             if one.kind == "fault"]  # fmt: skip

    assert [(one.label, one.row) for one in bands] == [("a", 0), ("b", 1), ("c", 0)]
    assert bands[-1].end_s == 54  # as far as the run came
    layout: dict[str, object] = {}
    shade(layout, bands)
    assert [one["yshift"] for one in layout["annotations"]] == [0, -14, 0]
