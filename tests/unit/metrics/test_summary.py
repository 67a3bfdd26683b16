"""The summary by known answers: selectors, what is judged, rates, outcomes."""

from __future__ import annotations

import math
from collections import Counter

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import RateCount, Selection, Summary
from wedload.units import NS_PER_MS as MS

#: label -> (series, phase's number, durations in ms, failed requests)
STEPS = {
    "a": (Series("main", "visit", "look", "shop"), 1, [1], 0),
    "b": (Series("main", "visit", "buy", "shop/pay", tags=(("critical", "yes"),)), 1, [2, 2], 1),
    "c": (Series("main", "visit", "pay", "shop/pay/card", tags=(("critical", "yes"),)), 2, [4], 2),
    "d": (Series("side", "visit", "look", "shopping"), 3, [8], 0),
    "e": (Series("side", "search", "find", tags=(("critical", "no"),)), 3, [16], 0),
    "f": (Series("setup", None, "log in", "start", judged=False), 0, [32], 1),
    "g": (Series("side", "search", "look", "shop", used=("inner", "most")), 3, [64], 0),
}


@pytest.fixture
def summary() -> Summary:
    catalogue = Catalogue()
    for phase in (Phase(""), Phase("main", "ramp"), Phase("main", "peak"), Phase("side", "peak")):
        catalogue.add_phase(phase)
    found = Summary(catalogue)
    for series, phase, durations, failed in STEPS.values():
        number = catalogue.add_series(series)
        counts = {CellKey(number, "http_reqs", phase, "ok"): len(durations)}
        if failed:
            counts[CellKey(number, "http_reqs", phase, "timeout")] = failed
        key = CellKey(number, "http_req_duration", phase, "ok")
        found.add(Snapshot(0, 0, {key: Histogram.of([value * MS for value in durations])}, counts))
    return found


JUDGED = sum(sum(durations) for key, (_, _, durations, _) in STEPS.items() if key != "f")


@pytest.mark.parametrize(
    ("where", "expected_ms"),
    [
        ((), JUDGED),
        ((("scenario", "main"),), 9),
        ((("scenario", "side"),), 88),
        ((("workflow", "visit"),), 17),
        ((("workflow", "search"),), 80),
        ((("workflow", "inner"),), 64),
        ((("workflow", "most"),), 64),
        ((("step", "look"),), 73),
        ((("step", "look"), ("scenario", "main")), 1),
        ((("group", "shop"),), 73),
        ((("group", "shop/pay"),), 8),
        ((("group", "shop/pay/card"),), 4),
        ((("group", "shop/p"),), 0),
        ((("group", "sho"),), 0),
        ((("stage", "ramp"),), 5),
        ((("stage", "peak"),), 92),
        ((("stage", "peak"), ("scenario", "main")), 4),
        ((("stage", "peak"), ("step", "look")), 72),
        ((("critical", "yes"),), 8),
        ((("critical", "no"),), 16),
        ((("critical", "yes"), ("stage", "ramp")), 4),
        ((("critical", "maybe"),), 0),
        ((("stage", "nowhere"),), 0),
        ((("step", "nowhere"),), 0),
    ],
)
def test_selectors_pick_exactly_their_samples(summary, where, expected_ms):
    assert summary.trend("http_req_duration", where).sum_ns == expected_ms * MS


def test_set_up_is_left_out_of_everything_that_does_not_ask_for_it(summary):
    assert summary.count("http_reqs") == 7 + 3
    assert summary.count("http_reqs", (("stage", "ramp"),)) == 4
    assert summary.outcomes("http_reqs") == {"ok": 7, "timeout": 3}


@pytest.mark.parametrize(
    "where",
    [(("scenario", "setup"),), (("step", "log in"),), (("group", "start"),)],
)
def test_set_up_is_there_for_a_selector_that_only_it_answers(summary, where):
    assert summary.trend("http_req_duration", where).sum_ns == 32 * MS
    assert summary.rate("http_req_failed", where) == RateCount(1, 2)


def test_a_label_that_the_load_has_too_does_not_bring_set_up_in(summary):
    catalogue = summary.catalogue
    number = catalogue.add_series(Series("setup", None, "warm", "shop", judged=False))
    cell = CellKey(number, "http_reqs", 0, "ok")
    summary.add(Snapshot(0, 0, {}, {cell: 1_000}))
    assert summary.count("http_reqs", (("group", "shop"),)) == 8


def test_rates_are_shares_of_their_source_counts(summary):
    assert summary.rate("http_req_failed") == RateCount(3, 10)
    assert summary.rate("http_req_failed", (("step", "pay"),)) == RateCount(2, 3)
    assert summary.rate("http_req_failed", (("step", "find"),)).ratio == 0
    assert summary.rate("http_req_failed", (("step", "pay"),)).ratio == pytest.approx(2 / 3)


def test_a_rate_of_nothing_is_not_a_number(summary):
    rate = summary.rate("checks")
    assert rate.total == 0
    assert math.isnan(rate.ratio)


def test_counts_can_be_asked_by_outcome(summary):
    assert summary.count("http_reqs", outcome="timeout") == 3
    assert summary.count("http_reqs", outcome="tls") == 0
    assert summary.count("http_reqs", (("scenario", "main"),), "ok") == 4


def test_checks_are_counted_each_and_together():
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    summary = Summary(catalogue)
    counts = {}
    for name, passed, failed in (("created", 9, 1), ("fast", 5, 5)):
        number = catalogue.add_series(Series("main", "visit", "look", check=name))
        counts[CellKey(number, "checks", 0, "pass")] = passed
        counts[CellKey(number, "checks", 0, "fail")] = failed
    summary.add(Snapshot(0, 0, {}, counts))
    assert summary.rate("checks") == RateCount(14, 20)
    assert summary.rate("checks", (("check", "fast"),)) == RateCount(5, 10)
    assert summary.rate("checks", (("step", "look"), ("check", "created"))) == RateCount(9, 10)


def test_a_check_of_set_up_can_be_asked_for_by_its_name():
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    number = catalogue.add_series(Series("setup", step="log in", check="fresh", judged=False))
    summary = Summary(catalogue)
    summary.add(Snapshot(0, -1, {}, {CellKey(number, "checks", 0, "pass"): 1}))
    assert summary.rate("checks", (("check", "fresh"),)) == RateCount(1, 1)
    assert summary.rate("checks") == RateCount(0, 0)


def test_workflows_fail_by_their_outcome():
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    number = catalogue.add_series(Series("main", "visit"))
    summary = Summary(catalogue)
    cells = {"ok": 97, "failed": 3}
    summary.add(
        Snapshot(0, 0, {}, {CellKey(number, "iterations", 0, key): n for key, n in cells.items()})
    )
    assert summary.rate("workflow_failed").ratio == 0.03


def test_percentiles_come_from_merged_samples_not_from_averages():
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    number = catalogue.add_series(Series("main", "visit", "look"))
    summary = Summary(catalogue)
    key = CellKey(number, "http_req_duration", 0, "ok")
    summary.add(Snapshot(0, 0, {key: Histogram.of([10 * MS] * 97)}))
    summary.add(Snapshot(1, 0, {key: Histogram.of([1_000 * MS] * 3)}))
    trend = summary.trend("http_req_duration")
    assert trend.quantile_ns(0.97) == pytest.approx(10 * MS, rel=0.001)
    assert trend.quantile_ns(0.98) == pytest.approx(1_000 * MS, rel=0.001)


def test_asking_in_between_does_not_change_what_comes_later(summary):
    before = summary.trend("http_req_duration")
    for second in range(200):
        key = CellKey(0, "http_req_duration", 1, "ok")
        summary.add(Snapshot(0, second, {key: Histogram.of([MS])}))
        if second % 7 == 0:
            summary.trend("http_req_duration")
    after = summary.trend("http_req_duration")
    assert after.count == before.count + 200
    assert before.sum_ns == JUDGED * MS


def test_no_sample_is_lost_over_many_snapshots_that_nobody_asks_about():
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    key = CellKey(
        catalogue.add_series(Series("main", "visit", "look")), "http_req_duration", 0, "ok"
    )
    summary = Summary(catalogue)
    for number in range(1, 1_001):
        summary.add(Snapshot(0, number, {key: Histogram.of([number])}))
    trend = summary.trend("http_req_duration")
    assert (trend.count, trend.sum_ns) == (1_000, 500_500)
    assert trend.counts.tolist() == [1] * 1_000


def test_notes_add_up():
    summary = Summary(Catalogue())
    summary.add(Snapshot(0, 0, notes={"refused": 2}))
    summary.add(Snapshot(1, 0, notes={"refused": 3, "odd": 1}))
    assert summary.notes == {"refused": 5, "odd": 1}


def test_the_same_series_has_one_number_and_every_phase_its_own():
    catalogue = Catalogue()
    first = catalogue.add_series(Series("main", "visit", "look"))
    other = catalogue.add_series(Series("main", "visit", "buy"))
    assert catalogue.add_series(Series("main", "visit", "look")) == first
    assert [first, other] == [0, 1]
    assert [catalogue.add_phase(Phase("main")), catalogue.add_phase(Phase("main"))] == [0, 1]
    assert len(catalogue.series) == 2


def test_a_summary_with_more_leaves_the_one_it_is_made_of_as_it_is(summary):
    step = next(summary.cells("http_req_duration"))[0]
    failed = CellKey(step.series, "http_reqs", step.phase, "reset")
    before = summary.rate("http_req_failed")
    longer = Histogram.of([9 * MS])
    more = summary.with_more(Snapshot(0, 0, {step: longer}, {failed: 3}))
    assert more.rate("http_req_failed") == RateCount(before.yes + 3, before.total + 3)
    assert more.trend("http_req_duration").count == summary.trend("http_req_duration").count + 1
    assert summary.rate("http_req_failed") == before


def test_cells_are_there_one_by_one(summary):
    sizes = {
        summary.catalogue.series[key.series].step: (key.outcome, durations.count)
        for key, durations in summary.cells("http_req_duration")
        if key.phase == 1
    }
    assert sizes == {"look": ("ok", 1), "buy": ("ok", 2)}
    counted = Counter({key.outcome: 0 for key, _ in summary.counted("http_reqs")})
    for key, number in summary.counted("http_reqs"):
        counted[key.outcome] += number
    assert counted == {"ok": 8, "timeout": 4}


@pytest.mark.parametrize(
    ("where", "load_s", "after_s", "seconds"),
    [
        ((), 100, 0, 100),
        ((), 100, 30, 70),
        ((("scenario", "main"),), 100, 0, 60),
        ((("step", "look"),), 100, 0, 60),
        ((("scenario", "main"),), 100, 20, 40),
        ((("scenario", "late"),), 100, 0, 40),
        ((("scenario", "late"),), 60, 0, 20),  # cut off in the middle
        ((("scenario", "late"),), 40, 0, 0),  # before it began
        ((("kind", "both"),), 100, 0, 80),  # what two scenarios cover counts once
        ((("stage", "peak"),), 100, 0, 40),  # of each scenario, at another time
        ((("stage", "peak"),), 50, 0, 10),
        ((("stage", "peak"),), 30, 0, 0),
        ((("stage", "peak"), ("scenario", "main")), 100, 0, 20),
        ((("stage", "peak"),), 100, 50, 30),
        ((("scenario", "setup"),), 100, 0, 100),  # has no schedule
    ],
)
def test_a_rate_per_second_is_over_the_seconds_of_what_it_is_about(where, load_s, after_s, seconds):
    catalogue = Catalogue()
    for phase in (
        Phase(""),
        Phase("main", "up", 40, 0), Phase("main", "peak", 20, 40), Phase("main"),
        Phase("late", None, 20, 40), Phase("late", "peak", 20, 60), Phase("late"),
    ):  # fmt: skip
        catalogue.add_phase(phase)
    for one in (
        Series("main", "visit", "look", tags=(("kind", "both"),)),
        Series("late", "buy", "pay", tags=(("kind", "both"),)),
        Series("setup", None, "log in", judged=False),
    ):
        catalogue.add_series(one)

    assert Selection(catalogue).seconds(where, load_s, after_s=after_s) == seconds


def _of_faults() -> Catalogue:
    """A scenario of 60 s from 10 s on, two faults that overlap, a third party."""
    catalogue = Catalogue()
    catalogue.add_phase(Phase(""))
    a, b, none = ("fault", "a"), ("fault", "b"), ("fault", "none")
    for scenario, last_s in (("main", 70.0), ("", 80.0)):
        begin_s = 10.0 if scenario else 0.0
        for at_s, end_s, values in (
            (begin_s, 20.0, (none,)), (20.0, 30.0, (a,)), (30.0, 40.0, (a, b)), (40.0, 50.0, (b,)),
            (50.0, last_s, (none,)),
        ):  # fmt: skip
            catalogue.add_phase(Phase(scenario, None, end_s - at_s, at_s, values))
    catalogue.add_series(Series("main", "visit", "look"))
    catalogue.add_series(Series("", dependency="calendar"))
    return catalogue


@pytest.mark.parametrize(
    ("where", "load_s", "seconds"),
    [
        ((("fault", "a"),), 80, 20),
        ((("fault", "b"), ("scenario", "main")), 80, 20),
        ((("fault", "a"), ("fault", "b")), 80, 10),
        ((("fault", "a"), ("dependency", "calendar")), 25, 5),
        ((("fault", "none"), ("scenario", "main")), 80, 30),
        ((("fault", "none"), ("dependency", "calendar")), 80, 50),
        ((("dependency", "calendar"),), 80, 80),
    ],
)
def test_a_rate_per_second_of_a_fault_is_over_the_seconds_in_which_it_is_in_force(
    where, load_s, seconds
):
    assert Selection(_of_faults()).seconds(where, load_s) == seconds


def test_selectors_of_faults_pick_phases_and_those_of_third_parties_series():
    catalogue = _of_faults()
    selection = Selection(catalogue)
    attempt = CellKey(1, "dependency_requests", 8, "ok")  # in both faults

    for fault, picked in (("a", True), ("b", True), ("none", False)):
        where = (("dependency", "calendar"), ("fault", fault))
        assert selection.picker(where)(attempt) is picked
    assert not selection.picker((("dependency", "e-mail"),))(attempt)
