"""What a proxy counts, added up."""

from __future__ import annotations

from collections import Counter

from wedload.simulators.proxy.counts import Counts


def test_counts_add_up_in_every_figure():
    one = Counts(1, 2, 3, 4, 5, 6, Counter({"outage": 1}))
    other = Counts(10, 20, 30, 40, 50, 60, Counter({"outage": 1, "slow": 7}))
    assert one.plus(other).as_json() == {
        "connections": 11, "refused": 22, "resets": 33, "upstream_failures": 44, "bytes_up": 55,
        "bytes_down": 66, "by_fault": {"outage": 2, "slow": 7},
    }  # fmt: skip


def test_nothing_is_counted_in_the_beginning():
    assert not any(Counts().as_json().values())
