"""How much of a run was limited, in its result and by second."""

from __future__ import annotations

from dataclasses import replace

import pytest

from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import Summary
from wedload.metrics.timeline import Timeline
from wedload.results.document import document_of
from wedload.results.limits import limits_of
from wedload.results.model import Result
from wedload.units import NS_PER_MS


@pytest.fixture
def limited(make):
    """A run of 300 requests in 3 s, of which 30 were limited in one, by ten virtual users."""
    run = make(count=100).run
    look = next(n for n, one in enumerate(run.summary.catalogue.series) if one.step == "look")
    counts = {
        CellKey(look, "http_limited", 1, ""): 30,
        CellKey(look, "rate_limit_waits", 1, ""): 30,
    }
    trends = {
        CellKey(look, "rate_limit_wait", 1, ""): Histogram.of([100 * NS_PER_MS] * 30),
        CellKey(look, "max_rate_wait", 1, ""): Histogram.of([20 * NS_PER_MS] * 5),
    }
    extra = Snapshot(0, 1, trends, counts, vus={"main": 10})
    run.summary.add(extra)
    run.timeline._open.add(1)  # one of its seconds is told of once more
    run.timeline.add(extra)
    run.timeline.close()
    return replace(run, info=replace(run.info, max_rate_per_s=500.0))


def test_the_section_says_how_much_was_limited_and_waited(limited):
    found = limits_of(limited)
    assert (found.limited, found.requests, found.ratio) == (30, 300, 0.1)
    assert (found.waits, found.waited_s) == (30, 3.0)
    assert (found.max_rate_per_s, found.held_back, found.held_back_s) == (500.0, 5, 0.1)


@pytest.mark.parametrize(
    ("vus", "iterations_s", "share"),
    [([10, 10, 10], 0, 0.1), ([10, 0, 0], 40, 0.075), ([1, 0, 0], 0, 1.0), ([0, 0, 0], 0, None)],
)
def test_a_share_of_users_time_is_one_of_all_that_is_known_of_it(limited, vus, iterations_s, share):
    timeline, summary = Timeline(), Summary(limited.summary.catalogue)
    waited = {CellKey(1, "rate_limit_wait", 1, ""): Histogram.of([100 * NS_PER_MS] * 30)}
    if iterations_s:
        each = Histogram.of([1_000 * NS_PER_MS] * iterations_s)
        waited[CellKey(1, "iteration_duration", 1, "")] = each
    summary.add(Snapshot(0, 1, waited))
    for second, active in enumerate(vus):
        timeline.add(Snapshot(0, second, vus={"main": active}))
    assert limits_of(replace(limited, timeline=timeline, summary=summary)).vu_share == share


def test_a_result_has_it_with_its_metrics_and_seconds(limited):
    document = document_of(limited)
    result = Result.model_validate(document)
    assert result.rate_limits == limits_of(limited)
    assert result.run.max_rate_per_s == 500.0
    assert document["metrics"]["http_req_limited"] == {
        "unit": "ratio", "count": 300, "yes": 30, "rate": 0.1,
    }  # fmt: skip
    (seconds,) = [one for one in document["series"]["rates"] if one["metric"] == "http_req_limited"]
    assert seconds["yes"] == [0, 30, 0]
    assert seconds["total"] == [100, 100, 100]
    (failed,) = [one for one in document["series"]["rates"] if one["metric"] == "http_req_failed"]
    assert failed["yes"] == [0, 0, 0]


def test_seconds_in_which_nothing_was_limited_are_there_only_for_a_row(make):
    metrics = [one["metric"] for one in document_of(make().run)["series"]["rates"]]
    assert "http_req_limited" not in metrics
    asked = make(benchmarks={"Not limited": "http_req_limited: rate < 1%"}).run
    document = document_of(asked)
    assert "http_req_limited" in [one["metric"] for one in document["series"]["rates"]]
    (row,) = document["benchmarks"]
    assert (row["observed"], row["series"]) == (0.0, row["series"][:1])


def test_a_result_of_an_older_wedload_has_no_such_section(limited):
    document = document_of(limited)
    del document["rate_limits"], document["run"]["max_rate_per_s"]
    assert Result.model_validate(document).rate_limits is None


def test_a_run_without_any_load_has_no_shares(make):
    found = limits_of(make(seconds=0).run)
    assert found.ratio is None
    assert found.vu_share is None
