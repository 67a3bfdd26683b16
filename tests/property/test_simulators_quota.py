"""Quotas: never more than a quota in any window, and never fewer than there could be."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import example, given
from hypothesis import strategies as st

from wedload.plan.third_parties import Quota
from wedload.simulators.quota import Quotas

gaps = st.lists(st.integers(0, 40), max_size=120)


def admitted(quota: Quota, instants: list[int]) -> tuple[list[int], list[tuple[int, int]]]:
    """Instants of what was let through; and of the others, with when the next one would be."""
    quotas = Quotas(quota, None)
    through, refused = [], []
    for at_ns in instants:
        standing = quotas.admit("", at_ns)
        assert standing is not None
        if standing.allowed:
            through.append(at_ns)
        else:
            refused.append((at_ns, standing.next_ns))
    return through, refused


@given(st.integers(1, 6), st.integers(1, 100), gaps)
def test_no_window_wherever_it_begins_has_more_than_the_quota(requests, per_ns, gaps):
    through, _ = admitted(Quota(requests, per_ns), list(accumulate(gaps)))
    for first in through:
        assert sum(first <= at_ns < first + per_ns for at_ns in through) <= requests


@given(st.integers(1, 6), st.integers(1, 100), gaps)
def test_nothing_is_refused_that_would_have_kept_within_the_quota(requests, per_ns, gaps):
    through, refused = admitted(Quota(requests, per_ns), list(accumulate(gaps)))
    for at_ns, _ in refused:
        # the window that ends with it, its begin excluded, is full
        assert sum(at_ns - per_ns < before <= at_ns for before in through) == requests


@given(st.integers(1, 6), st.integers(1, 100), gaps)
@example(1, 1, [0, 0])  # asked again at the instant at which one was let through
def test_one_is_let_through_at_the_instant_that_is_told_and_none_before(requests, per_ns, gaps):
    instants = list(accumulate(gaps))
    _, refused = admitted(Quota(requests, per_ns), instants)
    for at_ns, next_ns in refused[:5]:
        before = [one for one in instants if one <= at_ns]
        let_through, _ = admitted(Quota(requests, per_ns), before)
        for asked_ns, more in ((next_ns - 1, 0), (next_ns, 1)):
            if asked_ns >= at_ns:
                through, _ = admitted(Quota(requests, per_ns), [*before, asked_ns])
                assert len(through) == len(let_through) + more
