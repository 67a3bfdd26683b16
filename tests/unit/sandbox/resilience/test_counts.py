"""Counts of a third party."""

from __future__ import annotations

from wedload.sandbox.resilience.counts import Counts


def test_they_begin_at_nothing_and_are_shown_by_name():
    counts = Counts()
    assert set(counts.as_dict().values()) == {0}
    counts.retries += 2
    assert counts.as_dict()["retries"] == 2
