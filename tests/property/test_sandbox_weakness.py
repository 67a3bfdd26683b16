"""Weaknesses are counted exactly, whatever is wished for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wedload.sandbox.weakness import WEBHOOK_KINDS, Weakness, Weaknesses

ROOM = 4 * len(WEBHOOK_KINDS)
WISHES = st.dictionaries(st.sampled_from(WEBHOOK_KINDS), st.integers(ROOM, 300), min_size=1)


def counts(shares, messages):
    weaknesses = Weaknesses(Weakness(kind, every) for kind, every in shares.items())
    suffered = [weaknesses.next() for _ in range(messages)]
    return weaknesses.counts(), suffered


@given(st.sampled_from(WEBHOOK_KINDS), st.integers(2, 300), st.integers(0, 3000))
def test_one_kind_alone_hits_exactly_the_whole_shares_of_any_number(kind, every, messages):
    counted, _ = counts({kind: every}, messages)
    assert counted == {kind: messages // every}


@given(WISHES, st.integers(0, 3000))
def test_each_kind_hits_its_share_and_at_most_the_turn_that_comes_next(shares, messages):
    counted, _ = counts(shares, messages)
    for kind, every in shares.items():
        assert messages // every <= counted[kind] <= (messages + len(shares)) // every


@given(WISHES, st.integers(1, 10))
def test_after_whole_turns_of_a_kind_its_count_is_exact(shares, turns):
    for kind, every in shares.items():
        counted, _ = counts(shares, every * turns)
        assert counted[kind] == turns


@given(WISHES, st.integers(0, 3000))
def test_what_is_counted_is_what_was_suffered(shares, messages):
    counted, suffered = counts(shares, messages)
    for kind in shares:
        told = sum(hit is not None and hit.kind == kind for hit in suffered)
        assert told - (kind == "reorder") <= counted[kind] <= told


@given(WISHES, st.integers(0, 1000))
def test_it_is_the_same_every_time(shares, messages):
    assert counts(shares, messages) == counts(shares, messages)
