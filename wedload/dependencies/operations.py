"""Operations: which attempts at a third party are one thing that the platform wanted of it. Pure.

Attempts come in the order of their end, and several of one operation may have been under way at a
time. They are one operation if they have a key in common and each came while another was under way
or within a quiet time after; where one was told to wait, that time begins when the wait is over.
Whether that is so is known when a quiet time has passed by without any: until then attempts are
held, up to a bound.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wedload.simulators.attempt import Attempt

#: a platform that retries does so within this; a key that comes again later is asked anew
QUIET_NS: Final = 5 * NS_PER_S
#: attempts that are held: some 60 MB
MOST_HELD: Final = 100_000
#: of one key: more is not somebody's retries, but a key that tells nothing apart
MOST_OF_A_KEY: Final = 10_000

_Key = tuple[str, str, str]  # dependency, endpoint, operation


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that was wanted of one endpoint of a third party, and is over."""

    attempts: tuple[Attempt, ...]  # one at least, in the order in which they came

    @property
    def dependency(self) -> str:
        """Whom it was wanted of."""
        return self.attempts[0].dependency

    @property
    def arrived_ns(self) -> int:
        """When its first attempt came."""
        return self.attempts[0].arrived_ns

    @property
    def ended_ns(self) -> int:
        """When the last of its attempts to end did."""
        return max(one.ended_ns for one in self.attempts)

    @property
    def ok(self) -> bool:
        """Whether any attempt was answered as it asked."""
        return any(one.outcome == "ok" for one in self.attempts)

    @property
    def refused(self) -> int:
        """Attempts that were over a quota."""
        return sum(one.outcome == "quota" for one in self.attempts)

    @property
    def duplicate(self) -> bool:
        """Whether the third party carried it out more than once; to read twice is no harm."""
        return sum(one.done and not one.reads for one in self.attempts) > 1

    def gaps_ns(self) -> list[int]:
        """From the end of an attempt to when the next came; 0 if it came before that, hedged."""
        gaps, ended_ns = [], self.attempts[0].ended_ns
        for one in self.attempts[1:]:
            gaps.append(max(one.arrived_ns - ended_ns, 0))
            ended_ns = max(ended_ns, one.ended_ns)
        return gaps

    @property
    def hedged(self) -> int:
        """Attempts that came while another was under way."""
        hedged, ended_ns = 0, self.attempts[0].ended_ns
        for one in self.attempts[1:]:
            hedged += one.arrived_ns < ended_ns
            ended_ns = max(ended_ns, one.ended_ns)
        return hedged


@dataclass(slots=True)
class _Held:
    """The attempts with one key, so far."""

    attempts: list[Attempt] = field(default_factory=list)  # by their end
    first_ns: int = 0  # arrival
    last_ns: int = 0  # end of the last, and of what it was told to wait


class Operations:
    """Tells `over` of each operation, once, when it is."""

    def __init__(
        self,
        over: Callable[[Operation], None],
        *,
        quiet_ns: int = QUIET_NS,
        most: int = MOST_HELD,
        most_of_a_key: int = MOST_OF_A_KEY,
    ) -> None:
        """`most`: attempts that are held at most, of all keys and of one."""
        self._over = over
        self._quiet_ns = quiet_ns
        self._most = most
        self._most_of_a_key = most_of_a_key
        self._held: OrderedDict[_Key, _Held] = OrderedDict()  # the one that was quiet longest first
        self._number = 0  # of attempts held
        self.cut = 0  # keys whose attempts were taken for all, as too many were held

    @property
    def held(self) -> int:
        """Attempts that are held."""
        return self._number

    def add(self, attempt: Attempt) -> int:
        """An attempt has ended. Gives when the first one that is known with its key came, ns. O(1).

        One without a key is an operation of its own.
        """
        if not attempt.operation:
            self._over(Operation((attempt,)))
            return attempt.arrived_ns
        key = (attempt.dependency, attempt.endpoint, attempt.operation)
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _Held(first_ns=attempt.arrived_ns)
        else:
            self._held.move_to_end(key)
        held.attempts.append(attempt)
        held.first_ns = first_ns = min(held.first_ns, attempt.arrived_ns)
        held.last_ns = max(held.last_ns, _waited_for_ns(attempt))
        self._number += 1
        if len(held.attempts) >= self._most_of_a_key:
            self._cut(key)
        if self._number > self._most:
            self._cut(next(iter(self._held)))
        return first_ns

    def sweep(self, until_ns: int) -> None:
        """Tell of what is over, if all attempts that came before `until_ns` have been told."""
        while self._held:
            key, held = next(iter(self._held.items()))
            if held.last_ns + self._quiet_ns >= until_ns:
                return
            self._let_go(key)

    def finish(self) -> None:
        """No attempt comes any more: all are over."""
        while self._held:
            self._let_go(next(iter(self._held)))

    def awaited(self, now_ns: int) -> int:
        """Keys without an attempt that fared well, of which one more may come. O(held)."""
        return sum(
            held.last_ns + self._quiet_ns >= now_ns
            and not any(one.outcome == "ok" for one in held.attempts)
            for held in self._held.values()
        )

    def _cut(self, key: _Key) -> None:
        self.cut += 1
        self._let_go(key)

    def _let_go(self, key: _Key) -> None:
        attempts = self._held.pop(key).attempts
        self._number -= len(attempts)
        for operation in _told_apart(attempts, self._quiet_ns):
            self._over(operation)


def _told_apart(attempts: list[Attempt], quiet_ns: int) -> Iterator[Operation]:
    """The operations that attempts with one key are."""
    attempts.sort(key=lambda one: (one.arrived_ns, one.ended_ns))
    of_one: list[Attempt] = []
    ended_ns = 0
    for attempt in attempts:
        if of_one and attempt.arrived_ns > ended_ns + quiet_ns:
            yield Operation(tuple(of_one))
            of_one, ended_ns = [], 0
        of_one.append(attempt)
        ended_ns = max(ended_ns, _waited_for_ns(attempt))
    yield Operation(tuple(of_one))


def _waited_for_ns(attempt: Attempt) -> int:
    """From when on an attempt that follows this one is waited for."""
    return attempt.ended_ns + (attempt.retry_after_ns or 0)
