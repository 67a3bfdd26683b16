"""For any schedule of arrivals: each is due at the first ns at which the area reaches it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from wedload.units import NS_PER_S as S
from wedload.workload.arrivals import (
    RateStage,
    arrivals_ns,
    most_within,
    ramps,
    rate_at,
    total_arrivals,
)
from wedload.workload.segment import Segment

SETTINGS = settings(deadline=None)
RATES = st.one_of(
    st.just(Fraction(0)),
    st.integers(0, 60).map(Fraction),
    st.fractions(0, 40, max_denominator=60),
)
STAGES = st.lists(
    st.builds(
        RateStage,
        name=st.just("s"),
        duration_ns=st.one_of(st.just(0), st.integers(1, 50), st.integers(0, 6 * S)),
        target=RATES,
    ),
    min_size=1,
    max_size=5,
)


def exact_area(start, stages, at_ns):
    """Arrivals up to an instant, by the formula that the schedule is defined with."""
    area, rate, begin_ns = Fraction(0), start, 0
    for stage in stages:
        t = min(max(at_ns - begin_ns, 0), stage.duration_ns)
        if stage.duration_ns:
            slope = (stage.target - rate) / stage.duration_ns
            area += (rate * t + slope * t * t / 2) / S
        rate, begin_ns = stage.target, begin_ns + stage.duration_ns
    return area


@SETTINGS
@given(RATES, STAGES)
def test_each_arrival_is_due_at_the_first_instant_that_the_area_reaches_it(start, stages):
    due = list(arrivals_ns(start, stages, Segment(), 7))
    for index, at_ns in enumerate(due):
        assert exact_area(start, stages, at_ns) >= index
        assert at_ns == 0 or exact_area(start, stages, at_ns - 1) < index


@SETTINGS
@given(RATES, STAGES)
def test_arrivals_are_in_order_and_as_many_as_the_area_holds(start, stages):
    due = list(arrivals_ns(start, stages, Segment(), 7))
    end_ns = sum(stage.duration_ns for stage in stages)
    area = exact_area(start, stages, end_ns)
    assert due == sorted(due)
    assert len(due) == total_arrivals(start, stages) == area.__ceil__()
    assert all(0 <= at_ns <= end_ns for at_ns in due)


@SETTINGS
@given(RATES, STAGES, st.integers(1, 5), st.integers(1, 12))
def test_segments_add_up_exactly_to_the_whole_each_with_what_its_users_are_to_do(
    start, stages, count, vus
):
    whole = Counter(arrivals_ns(start, stages, Segment(), vus))
    segments = [Segment(index, count) for index in range(count)]
    shares = [list(arrivals_ns(start, stages, segment, vus)) for segment in segments]
    assert sum((Counter(share) for share in shares), Counter()) == whole
    for segment, share in zip(segments, shares, strict=True):
        assert abs(len(share) - whole.total() * segment.share(vus) / vus) < 2


@SETTINGS
@given(RATES, STAGES, st.integers(0, 30 * S))
def test_the_rate_is_the_slope_of_the_area(start, stages, at_ns):
    end_ns = sum(stage.duration_ns for stage in stages)
    rate = rate_at(start, stages, at_ns)
    if at_ns >= end_ns:
        assert rate == 0
    else:
        per_ns = (exact_area(start, stages, at_ns + 1) - exact_area(start, stages, at_ns)) * S
        steepest = max(
            (abs(ramp.end - ramp.start) * S / ramp.unit_ns / max(ramp.duration_ns, 1))
            for ramp in ramps(start, stages)
        )
        assert abs(rate - float(per_ns)) <= steepest + 1e-9


@SETTINGS
@given(RATES, STAGES, st.integers(0, 10 * S))
def test_no_window_has_more_arrivals_than_are_there_or_than_the_highest_rate_gives(
    start, stages, window_ns
):
    most = most_within(start, stages, window_ns)
    area = float(exact_area(start, stages, sum(stage.duration_ns for stage in stages)))
    highest = float(max(start, *(stage.target for stage in stages)))
    assert 0 <= most <= min(area, highest * window_ns / S) * (1 + 1e-9) + 1e-9
    whole = most_within(start, stages, 100 * S)
    assert abs(whole - area) <= 1e-9 * max(area, 1)
