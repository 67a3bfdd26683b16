"""However a run is split into snapshots and pictures, others get the figures of its summary."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tests.property.test_metrics_summary import RUNS, catalogue, snapshots_of
from wedload.export.account import Account
from wedload.export.buckets import SECONDS, cumulative
from wedload.metrics.histogram import Histogram
from wedload.metrics.summary import Summary

COMMON = {"plan": "p", "target": "t", "run": "r"}
TRENDS = {
    "http_req_duration": "wedload_http_req_duration_seconds",
    "iteration_duration": "wedload_iteration_duration_seconds",
}


def both(run, looks):
    """A summary and an account of the same; pictures are taken of the account now and then."""
    known = catalogue()
    summary, account = Summary(known), Account(known, COMMON)
    for number, snapshot in enumerate(snapshots_of(run)):
        summary.add(snapshot)
        account.add(snapshot)
        if number in looks:
            list(account.families())
    return summary, {one.name: one for one in account.families()}


def points(families, name):
    return families[name].points if name in families else ()


def values(families, name):
    return [one.value for one in points(families, name)]


LOOKS = st.sets(st.integers(0, 20))


@given(RUNS, LOOKS)
def test_the_sum_of_all_series_is_what_the_summary_says(run, looks):
    summary, families = both(run, looks)
    for metric in ("http_reqs", "iterations", "checks"):
        assert sum(values(families, f"wedload_{metric}_total")) == summary.count(metric)
    for metric, name in TRENDS.items():
        merged = Histogram.merge(values(families, name))
        asked = summary.trend(metric)
        assert (merged.count, merged.sum_ns) == (asked.count, asked.sum_ns)
        for q in (0.5, 0.95, 0.99, 1.0):
            if asked.count:
                assert merged.quantile_ns(q) == asked.quantile_ns(q)
        assert cumulative(merged, SECONDS) == [
            asked.count - asked.above(round(bound * 1e9)) for bound in SECONDS
        ]


@given(RUNS, LOOKS)
def test_every_series_is_what_the_summary_says_of_its_labels(run, looks):
    summary, families = both(run, looks)
    for point in points(families, "wedload_http_reqs_total"):
        labels = dict(point.labels)
        if "stage" in labels:  # a selector cannot ask for those of none
            where = tuple((key, labels[key]) for key in ("scenario", "step", "stage"))
            assert point.value == summary.outcomes("http_reqs", where)[labels["outcome"]]


@given(RUNS)
def test_outcomes_of_checks_add_up_to_their_rate(run):
    summary, families = both(run, set())
    found: Counter[str] = Counter()
    for point in points(families, "wedload_checks_total"):
        found[dict(point.labels)["outcome"]] += point.value
    rate = summary.rate("checks")
    assert (found["pass"], found.total()) == (rate.yes, rate.total)
