"""Goodput and recovery, against answers computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.plan.fault_times import FaultSpan
from wedload.verdict.goodput import ScenarioSeconds, fault_effect

S = 1_000_000_000


def fault(begin_s, end_s, name="outage"):
    return FaultSpan(name, round(begin_s * S), round(end_s * S))


def seconds(*stretches, load=10.0):
    """(length, good a second) …; load is the same throughout, or one number a second."""
    good = np.concatenate([np.full(length, rate, np.int64) for length, rate in stretches])
    return ScenarioSeconds(good, np.broadcast_to(np.asarray(load, float), good.shape).copy())


def effect(*scenarios, at=(20, 30), others=()):
    one = fault(*at)
    return fault_effect(one, [one, *others], scenarios)


def test_a_platform_that_does_not_mind_has_all_its_goodput_and_recovers_at_once():
    found = effect(seconds((60, 20)))

    assert (found.before.per_s, found.during.ratio, found.after.ratio) == (20, 1, 1)
    assert (found.recovered, found.time_to_recover_s, found.metastable) == (True, 0, False)
    assert (found.before.seconds, found.during.seconds, found.after.seconds) == (20, 10, 30)


def test_goodput_is_the_share_of_what_was_to_be_expected():
    found = effect(seconds((20, 20), (10, 5), (30, 18)))

    assert (found.during.good, found.during.expected, found.during.ratio) == (50, 200, 0.25)
    assert found.after.ratio == pytest.approx(0.9)
    assert found.recovered is False  # no window has 95 %


@pytest.mark.parametrize(("dip_s", "time_s"), [(0, 0), (1, 1), (7, 7), (20, 20)])
def test_the_time_to_recover_is_the_length_of_the_dip_after_the_fault(dip_s, time_s):
    found = effect(seconds((20, 20), (10 + dip_s, 0), (40 - dip_s, 20)))

    assert (found.recovered, found.time_to_recover_s) == (True, time_s)


def test_a_platform_that_stays_down_is_metastable():
    found = effect(seconds((20, 20), (10, 0), (40, 2)))

    assert (found.recovered, found.time_to_recover_s, found.metastable) == (False, None, True)
    assert found.after.ratio == pytest.approx(0.1)


def test_a_window_that_fares_well_by_chance_is_no_recovery_if_the_rest_does_not():
    found = effect(seconds((20, 20), (10, 0), (6, 20), (34, 2)))

    assert found.metastable


def test_a_small_dip_later_does_not_undo_a_recovery():
    found = effect(seconds((20, 20), (10, 0), (20, 20), (2, 10), (18, 20)))

    assert found.time_to_recover_s == 0


def test_with_little_load_the_window_is_as_long_as_it_takes_to_expect_a_hundred():
    # 2 a second: the window is 50 s, and the four bad seconds in the first are more than 5 % of it
    found = effect(seconds((20, 2), (10, 2), (4, 0), (96, 2)))

    assert found.time_to_recover_s == pytest.approx(2)  # 96 of 100 are there from then on


def test_a_ramp_of_users_is_no_dip():
    load = [*range(1, 21), *[20] * 10, *range(20, 0, -1), *[2] * 10]
    good = np.array(load, np.int64) * 3

    found = effect(ScenarioSeconds(good, np.array(load, float)))

    assert (found.during.ratio, found.after.ratio, found.time_to_recover_s) == (1, 1, 0)


def test_seconds_in_which_nothing_was_asked_for_say_nothing():
    load = [10.0] * 40 + [0.0] * 20
    found = effect(seconds((40, 20), (20, 7), load=load))

    assert (found.after.expected, found.after.good, found.after.ratio) == (200, 200, 1)


def test_what_still_runs_when_the_load_is_over_is_no_time_to_recover_in():
    load = [10.0] * 32 + [0.0] * 12  # the last iterations are slow, and have 12 s to end
    found = effect(seconds((30, 20), (14, 0), load=load))

    assert (found.after.seconds, found.after.expected, found.after.per_s) == (2, 40, 0)
    assert found.unknown == "there were 2 s to recover in, where it takes 5"
    assert (found.recovered, found.metastable) == (None, False)


def test_per_second_is_of_the_seconds_in_which_there_was_load():
    load = [0.0] * 10 + [10.0] * 35 + [0.0] * 5 + [10.0] * 10
    found = effect(seconds((10, 0), (35, 20), (5, 0), (10, 20), load=load))

    assert (found.before.seconds, found.before.per_s) == (10, 20)
    assert (found.after.seconds, found.after.per_s, found.time_to_recover_s) == (25, 20, 0)


def test_scenarios_are_expected_to_fare_as_each_did_before():
    steady, dying = seconds((60, 10)), seconds((20, 30), (40, 0), load=1.0)
    late = seconds((25, 0), (35, 50), load=[0.0] * 25 + [5.0] * 35)  # nothing known of it

    found = effect(steady, dying, late)

    assert (found.before.good, found.during.good, found.during.expected) == (800, 100, 400)


def test_an_instant_between_two_seconds_belongs_to_the_fault():
    found = effect(seconds((20, 20), (11, 0), (29, 20)), at=(20.5, 30.5))

    assert (found.before.seconds, found.during.seconds, found.after.seconds) == (20, 11, 29)
    assert (found.during.ratio, found.time_to_recover_s) == (0, 0)
    longer = effect(seconds((20, 20), (13, 0), (27, 20)), at=(20.5, 30.5))
    assert longer.time_to_recover_s == 2.5


def test_what_is_to_be_expected_is_not_taken_from_another_fault():
    first = fault(5, 10, "first")
    found = effect(seconds((5, 20), (5, 0), (10, 20), (10, 10), (30, 20)), others=[first])

    assert (found.before.seconds, found.before.per_s, found.during.ratio) == (15, 20, 0.5)


def test_after_a_fault_is_until_the_next_one_begins():
    following = fault(50, 60, "second")
    found = effect(seconds((20, 20), (10, 10), (20, 20), (40, 0)), others=[following])

    assert (found.after.seconds, found.after.ratio, found.time_to_recover_s) == (20, 1, 0)


def test_a_fault_that_outlasts_another_is_to_be_over_before_the_platform_can_recover():
    longer = fault(25, 40, "longer")
    found = effect(seconds((20, 20), (20, 0), (3, 0), (30, 20)), others=[longer])

    assert (found.after.seconds, found.time_to_recover_s) == (33, 3)


@pytest.mark.parametrize(
    ("made", "at", "known", "why"),
    [
        (seconds((10, 20)), (20, 30), (None, None), "ended before it began"),
        (seconds((25, 20)), (20, 30), (1, None), "ended while it was in force"),
        (seconds((32, 20)), (20, 30), (1, 1), "there were 2 s to recover in"),
        (seconds((30, 20)), (20, 30), (1, None), "there were 0 s to recover in"),
        (seconds((5, 3), (55, 3)), (5, 30), (1, 1), "only 15 iterations fared well before it"),
        (seconds((60, 1), load=1), (40, 54), (1, None), "only 6 good iterations were to be"),
        (seconds((60, 20)), (0, 10), (None, None), "only 0 iterations fared well before it"),
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_said(made, at, known, why):
    found = effect(made, at=at)

    stretches = (found.during, found.after)
    assert tuple(None if one is None else one.ratio for one in stretches) == known
    assert why in found.unknown
    assert (found.recovered, found.time_to_recover_s, found.metastable) == (None, None, False)


def test_without_a_scenario_there_is_nothing_to_know():
    assert effect().unknown == "the load ended before it began"


@given(st.integers(5, 80), st.integers(1, 30), st.integers(5, 60), st.integers(5, 500))
def test_whatever_is_constant_is_all_there_and_recovers_at_once(before_s, for_s, rest_s, rate):
    load = seconds((before_s + for_s + rest_s, rate), load=rate / 7)

    found = effect(load, at=(before_s, before_s + for_s))

    assert found.after.ratio == 1  # exactly: a row may ask for 100 %
    assert found.time_to_recover_s == 0


@given(st.integers(0, 40), st.integers(50, 300))
def test_whatever_is_down_for_a_while_recovers_as_soon_as_it_is_not(dip_s, rate):
    found = effect(seconds((20, rate), (10 + dip_s, 0), (60, rate)))

    assert found.time_to_recover_s == dip_s


@given(
    st.lists(st.integers(0, 40), min_size=40, max_size=90),
    st.lists(st.integers(1, 20), min_size=90, max_size=90),
)
def test_more_load_of_the_same_does_not_change_shares(good, load):
    load = load[: len(good)]
    once = effect(ScenarioSeconds(np.array(good), np.array(load, float)))
    twice = effect(ScenarioSeconds(np.array(good) * 2, np.array(load, float) * 2))

    if once.unknown is None:
        assert twice.unknown is None
        assert twice.after.ratio == pytest.approx(once.after.ratio)
        assert twice.after.good == 2 * once.after.good
