"""The schedule of arrivals as tables: instants that can be checked by hand."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise
from statistics import fmean, pvariance

import pytest

from wedload.units import NS_PER_S as S
from wedload.workload.arrivals import (
    RateStage,
    arrivals_ns,
    most_within,
    poisson_ns,
    ramps,
    rate_at,
    total_arrivals,
)
from wedload.workload.segment import Segment


def stages(*table):
    """Each (seconds, rate per s)."""
    return [RateStage("", int(Fraction(s) * S), Fraction(rate)) for s, rate in table]


def due_s(start, *table, segment=Segment(), vus=3):  # noqa: B008 - frozen
    return [at / S for at in arrivals_ns(Fraction(start), stages(*table), segment, vus)]


def test_at_a_constant_rate_iteration_i_is_due_at_i_periods():
    assert due_s(4, (1, 4)) == [0, 0.25, 0.5, 0.75]


def test_a_period_that_is_no_whole_number_of_ns_does_not_drift():
    due = list(arrivals_ns(Fraction(3), stages((3600, 3)), Segment(), 1))
    assert len(due) == 10_800
    assert due[:4] == [0, 333_333_334, 666_666_667, S]
    assert due[3::3] == [second * S for second in range(1, 3600)]


def test_two_thousand_a_second_for_half_a_minute_are_sixty_thousand():
    due = list(arrivals_ns(Fraction(2000), stages((30, 2000)), Segment(), 64))
    assert len(due) == total_arrivals(Fraction(2000), stages((30, 2000))) == 60_000
    assert due[-1] == 30 * S - 500_000


def test_while_the_rate_climbs_from_nothing_arrivals_come_closer_together():
    # the area under 0 → 8 in 4 s is t²: arrival i is due at √i
    assert due_s(0, (4, 8)) == pytest.approx([i**0.5 for i in range(16)], abs=1e-9)


def test_while_the_rate_falls_arrivals_grow_apart():
    # mirror image of climbing: the last of 16 is due when t² is left to be 1
    assert due_s(8, (4, 0)) == pytest.approx([4 - (16 - i) ** 0.5 for i in range(16)], abs=1e-9)


def test_the_fraction_of_an_arrival_carries_over_into_the_next_stage():
    # 1.5 arrivals in the first stage: the third is due when the second has given another half
    assert due_s("1.5", (1, "1.5"), (1, "1.5")) == pytest.approx([0, 2 / 3, 4 / 3], abs=1e-9)


def test_a_stage_of_no_length_jumps():
    assert due_s(1, (2, 1), (0, 4), (1, 4)) == [0, 1, 2, 2.25, 2.5, 2.75]


def test_in_a_stage_without_a_rate_nothing_is_due():
    assert due_s(2, (1, 2), (0, 0), (10, 0), (0, 2), (1, 2)) == [0, 0.5, 1, 11.5]


def test_rates_below_one_a_second():
    assert due_s(Fraction(1, 60), (180, Fraction(1, 60))) == [0, 60, 120]


def test_no_rate_at_all_has_no_arrivals():
    assert due_s(0, (5, 0)) == []
    assert total_arrivals(Fraction(0), stages((5, 0))) == 0


def test_segments_take_turns():
    assert due_s(4, (1, 4), segment=Segment(0, 3)) == [0, 0.75]
    assert due_s(4, (1, 4), segment=Segment(2, 3)) == [0.5]


@pytest.mark.parametrize(
    ("vus", "shares"),
    [
        # user 0 and 2 of three are the first segment's, 1 the second's
        (3, [[0, 2, 3, 5, 6], [1, 4, 7]]),
        (2, [[0, 2, 4, 6], [1, 3, 5, 7]]),
        (1, [[0, 1, 2, 3, 4, 5, 6, 7], []]),
    ],
)
def test_segments_get_arrivals_in_proportion_to_their_virtual_users(vus, shares):
    found = [due_s(1, (8, 1), segment=Segment(index, 2), vus=vus) for index in range(2)]
    assert found == shares


def test_an_arrival_of_another_stage_is_refused():
    first, second = ramps(Fraction(1), stages((2, 1), (2, 1)))
    assert (first.due_ns(2), second.due_ns(2)) == (2 * S, 2 * S)
    with pytest.raises(IndexError, match="arrival 3 is not due in this stage"):
        first.due_ns(3)
    with pytest.raises(IndexError, match="arrival 1 is not due"):
        second.due_ns(1)


def test_the_rate_at_an_instant():
    table = stages((10, 100), (10, 100), (5, 0))
    found = [rate_at(Fraction(0), table, int(at * S)) for at in (0, 5, 10, 15, 20, 22.5, 25, 99)]
    assert found == [0, 50, 100, 100, 100, 50, 0, 0]


@pytest.mark.parametrize(
    ("table", "window_s", "most"),
    [
        (((60, 10),), 0, 0),
        (((60, 10),), 4, 40),
        (((60, 10),), 600, 600),
        # up to 20/s and down again: the second before the top and the one after it
        (((10, 20), (10, 0)), 2, 38),
        # a spike that is shorter than the window
        (((10, 0), (0, 100), (1, 100), (0, 0), (60, 0)), 30, 100),
    ],
)
def test_the_most_arrivals_within_a_window(table, window_s, most):
    start = table[0][1] if len(table) == 1 else 0
    found = most_within(Fraction(start), stages(*table), window_s * S)
    assert found == pytest.approx(most)


def at_random_s(start, *table, segment=Segment(), vus=3, seed="1/main"):  # noqa: B008 - frozen
    found = poisson_ns(Fraction(start), stages(*table), segment, vus, seed)
    return [at / S for at in found]


def test_arrivals_at_random_have_exponential_gaps_that_do_not_depend_on_each_other():
    due = at_random_s(50, (400, 50))
    gaps = [b - a for a, b in pairwise([0, *due])]
    assert len(due) == pytest.approx(20_000, abs=4 * math.sqrt(20_000))
    # shares of gaps above 0.5, 1 and 2 means, and how gaps go with those before them
    for means in (0.5, 1, 2):
        share = sum(gap * 50 > means for gap in gaps) / len(gaps)
        assert share == pytest.approx(math.exp(-means), abs=0.015)
    mean = fmean(gaps)
    along = fmean((a - mean) * (b - mean) for a, b in pairwise(gaps))
    assert abs(along / pvariance(gaps)) < 0.03


def test_arrivals_at_random_follow_a_rate_that_ramps():
    due = at_random_s(0, (200, 100))  # the area until t is t²/4
    assert len(due) == pytest.approx(10_000, abs=400)
    assert sum(at < 100 for at in due) == pytest.approx(2_500, abs=200)
    assert due == sorted(due)
    assert all(0 <= at < 200 for at in due)


def test_arrivals_at_random_have_none_where_the_rate_is_0():
    due = at_random_s(0, (10, 0), (0, 50), (10, 50))
    assert due
    assert min(due) >= 10


def test_the_seed_alone_decides_when_arrivals_at_random_are_due():
    assert at_random_s(9, (9, 9)) == at_random_s(9, (9, 9))
    assert at_random_s(9, (9, 9)) != at_random_s(9, (9, 9), seed="2/main")


@pytest.mark.parametrize("vus", [1, 2, 3, 8])
def test_segments_share_arrivals_at_random_exactly(vus):
    whole = at_random_s(9, (3, 60), vus=vus)
    parts = [at_random_s(9, (3, 60), segment=Segment(index, 3), vus=vus) for index in range(3)]
    assert sorted(at for part in parts for at in part) == whole
    # as many as fall to the virtual users of each
    lanes = [[n % vus % 3 for n in range(len(whole))].count(index) for index in range(3)]
    assert list(map(len, parts)) == lanes
