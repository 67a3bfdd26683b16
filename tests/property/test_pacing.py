"""The comb of slots of a highest rate: whatever is asked of however many processes."""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from wedload.engine.pacing import Comb
from wedload.units import NS_PER_S
from wedload.workload.segment import Segment

RATES = st.one_of(
    st.fractions(min_value=Fraction(1, 60), max_value=50_000, max_denominator=1_000),
    st.floats(min_value=0.05, max_value=50_000),
)


@st.composite
def demands(draw):
    """A rate, the requests of each process (instants at which each asks, rising), an origin."""
    count = draw(st.integers(1, 9))
    begin_ns = draw(st.integers(0, 10**16))  # of the clock: months
    gaps = st.lists(st.integers(0, 10**9), max_size=40)
    asked = []
    for _ in range(count):
        now_ns, instants = begin_ns, []
        for gap in draw(gaps):
            now_ns += gap
            instants.append(now_ns)
        asked.append(instants)
    return draw(RATES), asked


def _due(per_s, asked):
    found = []
    for index, instants in enumerate(asked):
        comb = Comb(per_s, Segment(index, len(asked)))
        found.append([comb.take(now_ns) for now_ns in instants])
    return found


@given(demands())
def test_nobody_is_due_before_it_asks_and_no_two_at_once(demand):
    per_s, asked = demand
    due = _due(per_s, asked)
    for instants, given_ns in zip(asked, due, strict=True):
        assert all(now <= at for now, at in zip(instants, given_ns, strict=True))
        assert given_ns == sorted(given_ns)
    every = [at for one in due for at in one]
    assert len(set(every)) == len(every)


@given(demands())
def test_each_process_keeps_to_its_own_slots(demand):
    per_s, asked = demand
    length_ns = NS_PER_S / Fraction(per_s)
    for index, given_ns in enumerate(_due(per_s, asked)):
        for at in given_ns:
            number = at // length_ns  # begins here, or less than 1 ns before
            assert -(-number * length_ns // 1) == at
            assert number % len(asked) == index


@given(demands(), st.data())
def test_over_any_time_there_are_no_more_than_the_rate_allows_and_one(demand, data):
    per_s, asked = demand
    every = sorted(at for one in _due(per_s, asked) for at in one)
    if not every:
        return
    begin_ns = data.draw(st.sampled_from(every))
    length_ns = data.draw(st.integers(1, 20 * NS_PER_S))
    inside = bisect_left(every, begin_ns + length_ns) - bisect_left(every, begin_ns)
    assert inside <= Fraction(per_s) * length_ns / NS_PER_S + 1


@given(RATES, st.integers(1, 9), st.integers(0, 10**15))
def test_who_always_asks_gets_all_that_the_rate_allows(per_s, count, begin_ns):
    every = sorted(at for one in _due(per_s, [[begin_ns] * 20] * count) for at in one)
    length_ns = NS_PER_S / Fraction(per_s)
    assert every[-1] - every[0] <= (len(every) - 1) * length_ns + 1
