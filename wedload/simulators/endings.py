"""How requests end: which answers have left, and what becomes an attempt of each. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal

from wedload.simulators.attempt import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wedload.plan.faults import Fault
    from wedload.simulators.attempt import AttemptOutcome
    from wedload.simulators.course import Course

#: how a connection comes to its end, if not by us
End = Literal["gone", "cut", "reset"]


class Leaving:
    """Answers that are on their way through a flow: each has left when its last byte has."""

    __slots__ = ("_due", "_fed", "_left")

    def __init__(self) -> None:
        self._due: deque[tuple[int, Course]] = deque()  # where in all that was fed each ends
        self._fed = self._left = 0  # bytes

    def __len__(self) -> int:
        return len(self._due)

    @property
    def oldest_ns(self) -> int | None:
        """When the request of the first of them came; None: there is none."""
        return self._due[0][1].arrived_ns if self._due else None

    @property
    def all_left(self) -> bool:
        """Whether no byte is on its way."""
        return self._left >= self._fed

    def fed(self, size: int) -> None:
        """So many bytes will be fed to the flow."""
        self._fed += size

    def ends_after(self, size: int, course: Course) -> None:
        """The answer of a course ends with the next so many bytes that will be fed."""
        self._due.append((self._fed + size, course))

    def left(self, size: int) -> None:
        """So many bytes have left."""
        self._left += size

    def settled(self) -> Iterator[Course]:
        """Those that have left; each is given once."""
        while self._due and self._due[0][0] <= self._left:
            yield self._due.popleft()[1]

    def drop(self) -> list[Course]:
        """Those that have not left, and never will."""
        dropped = [course for _, course in self._due]
        self._due.clear()
        return dropped


def attempt_of(
    course: Course,
    end: End | None,
    *,
    dependency: str,
    ended_ns: int,
    met: Iterable[str],
    in_force: Iterable[Fault],
) -> Attempt:
    """What is told of a request; `end`: what kept its answer from leaving, None: nothing.

    `met`: the faults that bytes of its connection have suffered; only those of them count that were
    `in_force` at any time since it came.
    """
    reply, whole = course.reply, end is None
    suffered = set(met)
    hit = [fault for fault in in_force if fault.name in suffered]
    outcome: AttemptOutcome = course.outcome if end is None else end
    # a client may lose its patience, or the fault: either way it is nothing that came through
    if end in ("gone", "cut") and any(fault.timeout for fault in hit):
        outcome = "timeout"
    return Attempt(
        dependency=dependency,
        endpoint=course.endpoint,
        operation=course.operation,
        arrived_ns=course.arrived_ns,
        ended_ns=ended_ns,
        outcome=outcome,
        status=course.status if whole else 0,
        retry_after_ns=reply.retry_after_ns if reply and whole and course.status else None,
        drawn_ns=course.drawn_ns,
        done=reply is not None and reply.done,
        faults=tuple(dict.fromkeys([*course.faults, *(fault.name for fault in hit)])),
        reads=course.reads,
    )
