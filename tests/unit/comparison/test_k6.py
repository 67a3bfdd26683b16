"""What k6 1.1 really exported, and what `handleSummary` nests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wedload.comparison.k6 import Point, is_k6_summary, points_of_k6
from wedload.comparison.model import Settings, SideOf
from wedload.comparison.rough import Points, points_of_result, rough_comparison

EXPORT = json.loads((Path(__file__).parent / "captured" / "k6-summary-export.json").read_text())
SIDES = (SideOf("a.json", None, None, []), SideOf("b.json", None, None, []))


def nested() -> dict:
    """The same as handleSummary gets it: the figures of each metric in its `values`."""
    metrics = {}
    for name, figures in EXPORT["metrics"].items():
        values = dict(figures)
        if "passes" in values:
            values["rate"] = values.pop("value")
        metrics[name] = {"type": "any", "contains": "default", "values": values}
    return {"metrics": metrics, "root_group": {}, "options": {}, "state": {}}


def test_an_export_is_known_by_its_metrics():
    assert is_k6_summary(EXPORT)
    assert is_k6_summary(nested())


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"metrics": []}, {"metrics": {}}, {"metrics": {"mine": {}}},
     {"schema": "wedload.result/1", "metrics": {"http_reqs": {}}}],
)  # fmt: skip
def test_what_k6_did_not_write_is_not_taken_for_it(data):
    assert not is_k6_summary(data)


def test_figures_are_ms_shares_and_per_second():
    points = points_of_k6(EXPORT)

    assert points[Point("http_req_duration", "p95")] == pytest.approx(2.22296385)
    assert points[Point("http_req_duration", "p50")] == pytest.approx(0.9329105)
    assert points[Point("http_req_failed", "rate")] == pytest.approx(10 / 544)
    assert points[Point("checks", "rate")] == pytest.approx(534 / 544)
    assert points[Point("http_reqs", "rate")] == pytest.approx(181.11829622892367)


def test_nested_figures_are_the_same():
    assert points_of_k6(nested()) == points_of_k6(EXPORT)


@pytest.mark.parametrize("broken", [None, "text", 3, [], {"avg": "slow", "med": None}])
def test_metrics_that_cannot_be_read_are_left_out(broken):
    data = {"metrics": {**EXPORT["metrics"], "http_req_duration": broken}}

    points = points_of_k6(data)

    assert not [point for point in points if point.metric == "http_req_duration"]
    assert Point("http_reqs", "rate") in points


def test_a_summary_ten_times_as_slow_is_shown_and_never_called_a_regression():
    slow = json.loads(json.dumps(EXPORT))
    for name, value in slow["metrics"]["http_req_duration"].items():
        if name != "thresholds":
            slow["metrics"]["http_req_duration"][name] = value * 10

    made = rough_comparison(
        [Points(points_of_k6(EXPORT), "k6")], [Points(points_of_k6(slow), "k6")], SIDES, Settings()
    )

    assert made.outcome == "inconclusive"
    assert made.method == "points"
    assert {row.outcome for row in made.rows} == {"not-decided"}
    p95 = next(row for row in made.rows if row.name == "http_req_duration p95")
    assert p95.change == pytest.approx(9.0)
    assert "10 times" in p95.sentence
    assert "nobody can say" in made.reasons[0]


def test_a_result_of_wedload_meets_k6_in_what_both_have(result):
    ours = result(
        seed=1,
        metrics={
            "http_req_duration": {"unit": "ms", "count": 9, "p95": 4.4, "med": 2.0},
            "http_req_failed": {"unit": "ratio", "count": 9, "yes": 0, "rate": 0.0},
            "data_sent": {"unit": "bytes", "count": 9, "rate": 9.0},
        },
    )

    made = rough_comparison(
        [Points(points_of_k6(EXPORT), "k6")], [Points(points_of_result(ours), "")], SIDES,
        Settings(),
    )  # fmt: skip

    names = {row.name for row in made.rows}
    assert names == {"http_req_duration p50", "http_req_duration p95", "http_req_failed"}
