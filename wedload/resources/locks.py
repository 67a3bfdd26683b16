"""Waits for locks, sample by sample: what is waited for, and the statement of who holds it. Pure.

Who waits behind others that wait is held up by the one at their end.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wedload.resources.statements import without_data

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: different waits that are kept
_MOST: Final = 50
_OTHERS: Final = ("… and others", None)


class Waiting(NamedTuple):
    """A lock that is not granted."""

    pid: int
    kind: str  # of the lock
    relation: str | None  # that the lock is of
    row_of: str | None  # the relation of a row, where the lock is of who changes it
    blockers: Sequence[int]


def what_of(waiting: Waiting) -> str:
    """`relation bookings`, `row of bookings`, `advisory`."""
    if waiting.kind == "transactionid" and waiting.row_of is not None:
        return f"row of {waiting.row_of}"  # whoever has changed it is waited for
    if waiting.kind == "tuple" and waiting.relation is not None:
        return f"row of {waiting.relation}"
    return waiting.kind if waiting.relation is None else f"{waiting.kind} {waiting.relation}"


def holder_of(waiting: Waiting, blockers: Mapping[int, Sequence[int]]) -> int | None:
    """The session at the end of the queue: one that waits for nobody, if there is one."""
    seen = {waiting.pid}
    ahead = list(waiting.blockers)
    last = None
    while ahead:
        pid = ahead.pop(0)
        if pid in seen:
            continue
        seen.add(pid)
        last = pid
        further = blockers.get(pid, ())
        if not further:
            return pid
        ahead.extend(further)
    return last  # a deadlock, which the database is about to end


@dataclass(slots=True)
class LockWaits:
    """All waits of a load."""

    _sessions: Counter[tuple[str, str | None]] = field(default_factory=Counter)
    _most: dict[tuple[str, str | None], int] = field(default_factory=dict)

    def add(self, found: Iterable[Waiting], statements: Mapping[int, str]) -> None:
        """One sample; `statements`: those that sessions run, or ran last, by their number."""
        every = list(found)
        blockers = {one.pid: one.blockers for one in every}
        now: Counter[tuple[str, str | None]] = Counter()
        for one in every:
            holder = holder_of(one, blockers)
            text = None if holder is None else statements.get(holder)
            key = (what_of(one), None if text is None else without_data(text))
            known = key in self._sessions or len(self._sessions) < _MOST
            now[key if known else _OTHERS] += 1
        for key, sessions in now.items():
            self._sessions[key] += sessions
            self._most[key] = max(self._most.get(key, 0), sessions)

    @property
    def report(self) -> list[dict[str, Any]]:
        """As a result has them, most waits first."""
        return [
            {"what": key[0], "sessions": sessions, "most": self._most[key], "holder": key[1]}
            for key, sessions in self._sessions.most_common()
        ]
