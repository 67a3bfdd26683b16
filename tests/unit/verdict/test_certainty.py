"""When a miss is certain: against the exact bound, and over many runs that keep their promise."""

from __future__ import annotations

import math
import random

import pytest

from wedload.metrics.histogram import Histogram
from wedload.metrics.summary import RateCount
from wedload.statistics.bounds import proves_above, rate_bound
from wedload.units import NS_PER_MS as MS
from wedload.verdict.certainty import certainty
from wedload.verdict.row import row_of


def at(row, source, seen, look=1):
    return certainty(row_of("row", row(source), seen, span_s=1.0), seen, look)


@pytest.mark.parametrize(
    ("yes", "total", "share"),
    [(yes, total, share) for total in (1, 3, 30, 1000) for yes in sorted({0, 1, total // 3, total})
     for share in (0.0, 0.001, 0.01, 0.3, 0.999, 1.0)],
)  # fmt: skip
def test_what_is_proven_is_what_the_lower_bound_is_above(yes, total, share):
    bound = rate_bound(yes, total, upper=False)

    assert proves_above(yes, total, share) == (bound > share)


@pytest.mark.parametrize(
    ("yes", "total", "share", "doubt"), [(3, 3, 0.5, 0.125), (1, 3, 0.01, 1 - 0.99**3)]
)
def test_doubt_is_how_likely_so_many_would_be_by_chance(yes, total, share, doubt):
    assert not proves_above(yes, total, share, doubt - 1e-9)
    assert proves_above(yes, total, share, doubt + 1e-9)


@pytest.mark.parametrize(
    ("source", "seen", "expected"),
    [
        ("http_req_failed: rate < 1%", RateCount(1, 3), "open"),
        ("http_req_failed: rate < 1%", RateCount(30, 300), "proven"),
        ("http_req_failed: rate < 1%", RateCount(1, 300), "open"),  # met
        ("http_req_failed: rate < 1%", RateCount(4, 300), "open"),  # missed, and can recover
        ("checks: rate >= 99%", RateCount(270, 300), "proven"),
        ("checks: rate >= 99%", RateCount(296, 300), "open"),
        ("checks: rate > 0%", RateCount(0, 300), "open"),  # one would do
        ("checks: rate == 100%", RateCount(299, 300), "sure"),
        ("checks: rate >= 100%", RateCount(299, 300), "sure"),
        ("http_req_failed: rate <= 0%", RateCount(1, 1), "sure"),
        ("checks: rate == 50%", RateCount(51, 100), "open"),
        ("checks: rate == 50%", RateCount(90, 100), "proven"),
        ("checks: rate == 50%", RateCount(10, 100), "proven"),
        ("checks: count < 5", RateCount(5, 9), "sure"),
        ("checks: count <= 5", RateCount(6, 9), "sure"),
        ("checks: count == 5", RateCount(4, 9), "open"),
        ("checks: count == 5", RateCount(6, 9), "sure"),
        ("http_reqs: count < 5", 5, "sure"),
        ("http_reqs: count > 5", 5, "open"),
        ("http_reqs: rate < 5/s", 50, "open"),
        ("http_req_duration: max < 5ms", Histogram.of([6 * MS]), "sure"),
        ("http_req_duration: max > 5ms", Histogram.of([4 * MS]), "open"),
        ("http_req_duration: max == 5ms", Histogram.of([6 * MS]), "sure"),
        ("http_req_duration: max == 5ms", Histogram.of([4 * MS]), "open"),
        ("http_req_duration: min > 5ms", Histogram.of([4 * MS]), "sure"),
        ("http_req_duration: min < 5ms", Histogram.of([6 * MS]), "open"),
        ("http_req_duration: avg < 5ms", Histogram.of([6 * MS] * 999), "open"),
        ("http_req_duration: p95 < 5ms", Histogram.of([4 * MS] * 940 + [6 * MS] * 60), "open"),
        ("http_req_duration: p95 < 5ms", Histogram.of([4 * MS] * 900 + [6 * MS] * 100), "proven"),
        ("http_req_duration: p95 < 5ms", Histogram.of([6 * MS] * 58), "open"),  # too few
        ("http_req_duration: p95 < 5ms", Histogram.of([5 * MS] * 59), "proven"),
        ("http_req_duration: p95 > 5ms", Histogram.of([4 * MS] * 999), "proven"),
        ("http_req_duration: p95 > 5ms", Histogram.of([4 * MS] * 96 + [6 * MS] * 4), "open"),
        ("http_req_duration: p5 > 5ms", Histogram.of([4 * MS] * 100 + [6 * MS] * 900), "proven"),
        ("http_req_duration: p95 == 5ms", Histogram.of([4 * MS] * 999), "open"),
    ],
)
def test_certainty_of_each_kind_of_row(row, source, seen, expected):
    assert at(row, source, seen) == expected


def test_the_more_often_one_looks_the_more_it_takes(row):
    """30 of 1,000 where 20 may be: proven once, not to somebody who has looked ten times."""
    seen = RateCount(30, 1000)

    assert at(row, "http_req_failed: rate < 2%", seen, look=1) == "proven"
    assert at(row, "http_req_failed: rate < 2%", seen, look=10) == "open"


def test_doubts_of_all_looks_together_are_five_percent():
    assert math.isclose(sum(0.05 / (k * (k + 1)) for k in range(1, 200_000)), 0.05, rel_tol=1e-4)


def test_target_that_is_just_good_enough_is_hardly_ever_called_a_miss(load, row):
    """100 runs of 60 s with 20 requests a second that fail at exactly the rate that may not be."""
    chance = random.Random(4)
    wrong = 0
    for _ in range(100):
        made = load({"row": row("http_req_failed: rate < 10%", abort=True)})
        for second in range(60):
            failed = sum(chance.random() < 0.1 for _ in range(20))
            made.second(second, ok=20 - failed, failed=failed)
        wrong += made.timed.abort is not None

    assert wrong <= 5
