"""What a search decides, whatever its load would by itself."""

from __future__ import annotations

import pytest

from wedload.capacity.verdict import verdict_of_search
from wedload.results.capacity_model import Capacity
from wedload.verdict.model import Finding, Verdict


def capacity(outcome: str) -> Capacity:
    return Capacity(
        outcome=outcome, rate_per_s=None, sentence="It is so.", why="of the weather", probes=[]
    )


LAG = Finding("generator-lag", "Late.")
LOST = Finding("worker-lost", "Gone.")
LEFT = Finding("cleanup", "Left behind.", invalidates=False, fails=True)


@pytest.mark.parametrize(
    ("outcome", "findings", "decided"),
    [
        ("found", [], "pass"),
        ("at least", [], "pass"),
        ("below", [], "fail"),
        ("inconclusive", [], "invalid"),
        # of the load as a whole: of each probe the search knows
        ("found", [LAG], "pass"),
        ("found", [LOST], "invalid"),
        ("found", [LEFT], "fail"),
        ("inconclusive", [LEFT], "invalid"),
    ],
)
def test_a_search_passes_if_the_capacity_is_found_or_bounded_below(outcome, findings, decided):
    load = Verdict("invalid", (), tuple(findings), ("Too slow.",))

    verdict = verdict_of_search(load, capacity(outcome))

    assert verdict.outcome == decided
    assert "Too slow." not in verdict.reasons
    assert (decided == "pass") == (not verdict.reasons)


def test_the_reason_is_the_searchs_own():
    load = Verdict("pass", ())
    assert verdict_of_search(load, capacity("below")).reasons == ("It is so.",)
    told = verdict_of_search(load, capacity("inconclusive")).reasons
    assert told == ("The capacity was not found: of the weather.",)
