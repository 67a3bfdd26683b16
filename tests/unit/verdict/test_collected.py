"""What is collected of a run: which trends by second, and what it comes to."""

from __future__ import annotations

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.plan.row_table import parse_row
from wedload.verdict.collected import Collected

ROWS = {"Quick": "http_req_waiting: p50 < 1s"}


@pytest.fixture
def collect():
    def collected(*, rows=ROWS, arrivals=False, seconds=3):
        catalogue = Catalogue()
        look = catalogue.add_series(Series(scenario="main", workflow="visit", step="look"))
        phase = catalogue.add_phase(Phase("main"))
        one = Collected.of(
            catalogue,
            {name: parse_row(row) for name, row in rows.items()},
            workers=1, schedule_s=60.0, arrivals=arrivals,
        )  # fmt: skip
        waits = Histogram.of([1_000_000] * 40)
        for second in range(seconds):
            trends = {
                CellKey(look, metric, phase, "ok"): waits
                for metric in ("http_req_waiting", "http_req_blocked", "response_time")
            }
            counts = {CellKey(look, "http_reqs", phase, "ok"): 40 + second}
            one.add(Snapshot(0, second, trends, counts, {}))
        return one

    return collected


@pytest.mark.parametrize(
    ("rows", "arrivals", "kept"),
    [
        ({}, False, set()),
        (ROWS, False, {"http_req_waiting"}),
        ({}, True, {"response_time"}),
        (ROWS, True, {"http_req_waiting", "response_time"}),
        ({"None fails": "http_req_failed: rate < 1%"}, False, set()),
    ],
)
def test_by_second_is_kept_what_rows_and_arrival_rates_ask_for(collect, rows, arrivals, kept):
    found = collect(rows=rows, arrivals=arrivals).timeline.trends

    assert {metric for metric, _ in found} == kept


def test_judging_is_the_end_of_it(collect):
    one = collect()

    _, verdict = one.judged([], load_s=3.0)

    assert one.timeline.is_closed
    assert [row.status for row in verdict.rows] == ["met"]


@pytest.mark.parametrize(("whole_s", "at_s"), [(None, 3), (2.0, 2)])
def test_a_window_ends_with_what_is_there_in_full(collect, whole_s, at_s):
    one = collect(rows={"Most": {"require": "http_reqs: count < 10", "window": "1s"}})

    _, verdict = one.judged([], load_s=3.0, whole_s=whole_s)

    assert verdict.rows[0].at_s == at_s  # the worst, as every second has one request more


def test_a_run_that_sent_nothing_says_so(collect):
    _, verdict = collect(seconds=0).judged([], load_s=3.0)

    assert [one.kind for one in verdict.findings] == ["nothing-sent"]
