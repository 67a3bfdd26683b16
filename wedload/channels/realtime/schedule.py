"""When subscribers join, and when they try again. Pure; instants and durations in ns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    import random
    from fractions import Fraction

#: attempts are so far apart at first, and never further than this
_FIRST_WAIT_NS: Final = NS_PER_S
LONGEST_WAIT_NS: Final = 30 * NS_PER_S
#: beside the ramp, for the last to join, and for those that need another attempt or two
_PATIENCE_NS: Final = 10 * NS_PER_S


def join_due_ns(begun_ns: int, index: int, per_s: Fraction) -> int:
    """Instant at which subscriber `index` is to join: begun + index / rate; a rate of 0 is none."""
    return begun_ns + (int(index * NS_PER_S / per_s) if per_s else 0)


def join_limit_ns(subscribers: int, per_s: Fraction) -> int:
    """How long all may take to join."""
    return join_due_ns(0, subscribers, per_s) + _PATIENCE_NS


def wait_ns(attempt: int, rng: random.Random, told_ns: int | None = None) -> int:
    """How long to wait before another attempt; `attempt`: how many have failed in a row, from 1.

    1 s, 2 s, 4 s … 30 s, or from what the server has told; of that at least half, by chance, so
    that those who were dropped together do not come back together.
    """
    first_ns = _FIRST_WAIT_NS if told_ns is None else told_ns
    longest_ns = max(LONGEST_WAIT_NS, first_ns)
    whole_ns = min(first_ns << min(attempt - 1, 16), longest_ns)
    if told_ns is not None:
        return round(whole_ns * rng.uniform(1, 1.5))  # never before the server wants it
    return round(whole_ns * rng.uniform(0.5, 1))
