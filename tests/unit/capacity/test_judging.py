"""A probe that is over: what its samples say of each row, and what else was its limit."""

from __future__ import annotations

import pytest

from wedload.capacity.judging import Stretch, bad_of, beyond_doubt, judged, rows_in
from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.metrics.summary import RateCount
from wedload.plan.benchmark import Requirement
from wedload.units import NS_PER_MS
from wedload.verdict.collected import Collected

ROWS = {
    "Quick": Requirement.parse("http_req_duration: p95 < 100ms"),
    "Failed": Requirement.parse("http_req_failed: rate < 1%"),
}
STRETCH = Stretch(1, 50.0, 1.0, 5.0)


def collected(**more) -> Collected:
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    catalogue.add_phase(Phase("main", "probe 1"))
    catalogue.add_series(Series("main", "visit", "look", verb="http"))
    return Collected.of(catalogue, ROWS, workers=1, schedule_s=10, arrivals=True, **more)


def snapshot(
    ms: list[float],
    *,
    phase: int = 1,
    lag_ms: float = 0.1,
    cpu: float = 0.3,
    **counts: int,
) -> Snapshot:
    trends = {
        CellKey(0, "http_req_duration", phase, "ok"): Histogram.of(
            [round(one * NS_PER_MS) for one in ms]
        )
    }
    cells = {CellKey(0, "http_reqs", phase, "ok"): len(ms)}
    cells |= {CellKey(0, name, phase, ""): count for name, count in counts.items()}
    lag = Histogram.of([round(lag_ms * NS_PER_MS)] * 100)
    return Snapshot(0, 2, trends, cells, health=Health(cpu, 10**6, lag))


QUICK, SLOW = [10.0] * 200, [10.0] * 100 + [300.0] * 100


def test_a_probe_is_judged_by_its_own_samples_alone():
    seen = collected()
    seen.add(snapshot(QUICK))
    seen.add(snapshot(SLOW, phase=0))  # of a warm-up

    found = judged(seen, ROWS, STRETCH)

    assert found.fared == "held"
    assert found.rows["Quick"].samples == 200
    assert found.rows["Quick"].observed == pytest.approx(10, rel=1e-3)
    assert {name: row.status for name, row in found.rows.items()} == {
        "Quick": "met", "Failed": "met",
    }  # fmt: skip


def test_a_row_that_is_missed_breaks_the_probe():
    seen = collected()
    seen.add(snapshot(SLOW))
    found = judged(seen, ROWS, STRETCH)
    assert (found.fared, found.broken) == ("broken", ("Quick",))
    assert found.rows["Quick"].bad is not None
    assert found.rows["Quick"].bad.share == 0.5


def test_a_probe_without_samples_says_nothing():
    assert judged(collected(), ROWS, STRETCH).fared == "unclear"


@pytest.mark.parametrize(
    ("row", "seen", "bad"),
    [
        ("http_req_duration: p95 < 100ms", Histogram.of([10**6, 2 * 10**8]), (0.05, 1, 2)),
        ("http_req_duration: p90 >= 1ms", Histogram.of([10**5, 2 * 10**8]), (0.9, 1, 2)),
        ("http_req_failed: rate < 1%", RateCount(3, 100), (0.01, 3, 100)),
        ("checks: rate > 99%", RateCount(97, 100), (0.01, 3, 100)),
    ],
)
def test_percentiles_and_shares_are_statements_about_bad_samples(row, seen, bad):
    found = bad_of(Requirement.parse(row), seen)
    assert found is not None
    assert (found.tolerance, found.bad, found.total) == (pytest.approx(bad[0]), *bad[1:])


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        ("http_req_duration: avg < 100ms", Histogram.of([10**6])),
        ("http_req_duration: max < 100ms", Histogram.of([10**6])),
        ("http_req_failed: rate == 0%", RateCount(0, 10)),
        ("checks: rate >= 100%", RateCount(10, 10)),
        ("interrupted_iterations: count == 0", 0),
    ],
)
def test_other_rows_have_no_share_that_could_grow(row, seen):
    assert bad_of(Requirement.parse(row), seen) is None


def test_the_rows_are_those_of_one_probe():
    assert rows_in(ROWS, 7)["Quick"].where == (("stage", "probe 7"),)


# --- what else was the limit ---------------------------------------------------------------------

LATE = Histogram.of([round(0.5 * 10**9)] * 50)
LIMITS = [
    ("busy", {"cpu": 0.99}, SLOW, "the generator's CPU"),
    ("busy, though it held", {"cpu": 0.99}, QUICK, "the generator's CPU"),
    ("a loop that may have added to it", {"lag_ms": 150}, SLOW, "the generator, whose event loop"),
    ("a loop that cannot explain it", {"lag_ms": 20}, SLOW, None),
    ("a loop that only made it worse", {"lag_ms": 20}, QUICK, None),
    ("nobody free", {"dropped_iterations": 50, "iterations": 200}, QUICK, "virtual users (max_vus"),
    ("nobody free, as it is slow", {"dropped_iterations": 50, "iterations": 200}, SLOW, None),
    ("a few without anybody", {"dropped_iterations": 1, "iterations": 200}, QUICK, None),
]


@pytest.mark.parametrize(
    ("more", "ms", "limit"), [o[1:] for o in LIMITS], ids=[o[0] for o in LIMITS]
)
def test_what_else_is_the_limit_is_known(more, ms, limit):
    seen = collected()
    seen.add(snapshot(ms, **more))
    found = judged(seen, ROWS, STRETCH).limit
    assert found is None if limit is None else limit in str(found)


@pytest.mark.parametrize(
    ("metric", "more", "limit"),
    [
        ("iteration_lateness", {}, "the generator, which was late"),
        ("max_rate_delay", {"max_rate_per_s": 10.0}, "the target's max_rate"),
    ],
)
def test_who_begins_late_is_the_limit(metric, more, limit):
    seen = collected(**more)
    seen.add(snapshot(QUICK))
    seen.add(Snapshot(0, 2, {CellKey(0, metric, 1, ""): LATE}))
    assert judged(seen, ROWS, STRETCH).limit == limit


def test_the_health_of_other_seconds_is_not_that_of_the_probe():
    seen = collected()
    seen.add(snapshot(SLOW))
    seen.add(Snapshot(0, 7, health=Health(0.99, 10**6, Histogram.of([10**9]))))
    assert judged(seen, ROWS, STRETCH).limit is None


# --- what is beyond doubt ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slow", "done", "cut"),
    [(10, 0.5, False), (100, 0.5, True), (100, 0.2, False), (30, 0.9, False)],
)
def test_a_probe_is_cut_only_if_the_rest_of_it_could_not_make_it_good(slow, done, cut):
    seen = collected()
    seen.add(snapshot([10.0] * (200 - slow) + [300.0] * slow))
    assert beyond_doubt(seen.summary, ROWS, 1, done) is cut


def test_nothing_is_beyond_doubt_before_there_are_samples():
    assert not beyond_doubt(collected().summary, ROWS, 1, 0.5)
