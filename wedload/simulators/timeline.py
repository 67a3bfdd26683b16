"""The fault timeline: which fault is in force when, and what each target is broken by now.

Faults count from the begin of the load, and last longer or shorter with its stages. When is
arithmetic; a `Timeline` that has begun follows it on a clock. Names that nobody asks for, such as
those of the sandbox's services, are other people's business.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wedload.clock import MonotonicClock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.clock import Clock
    from wedload.plan.faults import Fault
    from wedload.simulators.faults.port import Injections


@dataclass(frozen=True, slots=True)
class Span:
    """When a fault is in force: ns from the begin of the load, the end not included."""

    fault: Fault
    begin_ns: int
    end_ns: int

    def holds(self, at_ns: int) -> bool:
        """Whether it is at an instant."""
        return self.begin_ns <= at_ns < self.end_ns


def spans_of(faults: Sequence[Fault], time_scale: float) -> tuple[Span, ...]:
    """Those of the faults of a plan, in its order, `time_scale` times as long and as late.

    Faults that follow upon each other in the plan do so at any scale.
    """
    return tuple(
        Span(one, round(one.at * time_scale), round((one.at + one.for_) * time_scale))
        for one in faults
    )


def changes_of(spans: Sequence[Span]) -> list[tuple[int, tuple[str, ...]]]:
    """(instant, names of the faults in force from then on), in order; the last has none."""
    instants = sorted({at_ns for one in spans for at_ns in (one.begin_ns, one.end_ns)})
    return [
        (at_ns, tuple(one.fault.name for one in spans if one.holds(at_ns))) for at_ns in instants
    ]


class Timeline:
    """The faults of a plan as they come and go."""

    def __init__(
        self, faults: Sequence[Fault], time_scale: float = 1.0, clock: Clock | None = None
    ) -> None:
        self.spans = spans_of(faults, time_scale)
        self._clock = clock or MonotonicClock()
        self._targets: dict[str, _Target] = {}
        self._now: tuple[Fault, ...] = ()
        self._following: asyncio.Task[None] | None = None

    @property
    def changes(self) -> list[tuple[int, tuple[str, ...]]]:
        """See `changes_of`."""
        return changes_of(self.spans)

    def active(self, at_ns: int) -> tuple[Fault, ...]:
        """The faults in force so long after the begin of the load, whatever they are on."""
        return tuple(one.fault for one in self.spans if one.holds(at_ns))

    def injections(self, name: str) -> Injections:
        """What the dependency or the proxy of this name is broken by."""
        if name not in self._targets:
            self._targets[name] = _Target(name)
            self._targets[name].broken_by(self._now)
        return self._targets[name]

    def begin(self, began_ns: int) -> None:
        """The load has begun, at an instant of the clock: follow it until `end`, on this loop."""
        self._following = asyncio.create_task(self._follow(began_ns))

    def end(self) -> None:
        """The load is over: no fault is in force any more."""
        if self._following is not None:
            self._following.cancel()
            self._following = None
        self._set(())

    async def _follow(self, began_ns: int) -> None:
        for at_ns, _ in self.changes:
            await self._clock.sleep_until(began_ns + at_ns)
            self._set(self.active(at_ns))

    def _set(self, active: tuple[Fault, ...]) -> None:
        self._now = active
        for target in self._targets.values():
            target.broken_by(active)


class _Target:
    """Implements `Injections` for one name."""

    def __init__(self, name: str) -> None:
        self.active: tuple[Fault, ...] = ()
        self._name = name
        self._subscribers: dict[object, Callable[[], None]] = {}

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """See `Injections`."""
        key = object()
        self._subscribers[key] = changed

        def unsubscribe() -> None:
            self._subscribers.pop(key, None)

        return unsubscribe

    def broken_by(self, active: tuple[Fault, ...]) -> None:
        """These faults are in force; some of them may be on this target."""
        ours = tuple(fault for fault in active if self._name in fault.on)
        if ours != self.active:
            self.active = ours
            for key, changed in list(self._subscribers.items()):
                if key in self._subscribers:  # else one before it has ended that
                    changed()
