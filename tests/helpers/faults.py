"""Faults of plans, what they do to a stream, and injections that tests set by hand."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from wedload.plan.faults import Bandwidth, Fault, Slicer
from wedload.plan.latency import parse_latency
from wedload.simulators.faults.applied import Applied, applied
from wedload.simulators.faults.flow import FaultFlow
from wedload.simulators.faults.lots import Lot
from wedload.simulators.faults.stream import Action, End, Reset, Stream, Write
from wedload.units import NS_PER_S, parse_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wedload.alarm import Alarm
    from wedload.simulators.faults.port import FlowSink
    from wedload.simulators.hub import MakeFlows

LOT = Lot(1, "calendar", 0)
_DURATIONS = {"jitter", "reset", "timeout", "slow_close", "at", "for_"}


def a_fault(name: str = "it", **what: Any) -> Fault:
    """A fault on `calendar` for a second; durations as text, `bandwidth` in bytes/s."""
    for key, value in what.items():
        if key in _DURATIONS and isinstance(value, str):
            what[key] = parse_duration_ns(value)
    if isinstance(latency := what.get("latency"), str):
        what["latency"] = parse_latency(latency)
    if isinstance(rate := what.get("bandwidth"), int):
        what["bandwidth"] = Bandwidth(bytes_per_s=rate)
    if isinstance(slicer := what.get("slicer"), dict):
        what["slicer"] = Slicer(**slicer)
    return Fault(**{"name": name, "on": ("calendar",), "at": 0, "for_": NS_PER_S} | what)


def suffering(*faults: Fault) -> list[Applied]:
    """What faults do to what goes down a connection."""
    found = (applied(fault, "down", LOT) for fault in faults)
    return [one for one in found if one is not None]


def played(stream: Stream, until_ns: int) -> list[tuple[int, Action]]:
    """What a stream does by an instant, each action when it is due."""
    done: list[tuple[int, Action]] = []
    while (due_ns := stream.due_ns) is not None and due_ns <= until_ns:
        done += [(due_ns, action) for action in stream.take(due_ns)]
    return done


def told(done: Iterable[tuple[int, Action]]) -> list[tuple[int, bytes | str]]:
    """The same, short: bytes, `end`, `cut` or `reset`."""
    short: list[tuple[int, bytes | str]] = []
    for at_ns, action in done:
        match action:
            case Write(data):
                short.append((at_ns, data))
            case End(cut):
                short.append((at_ns, "cut" if cut else "end"))
            case Reset():
                short.append((at_ns, "reset"))
    return short


class ByHand:
    """Injections that a test sets. Implements `port.Injections`."""

    def __init__(self, *faults: Fault) -> None:
        self.active = faults
        self.subscribers: list[Callable[[], None]] = []

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """See `Injections`."""
        self.subscribers.append(changed)

        def unsubscribe() -> None:
            if changed in self.subscribers:
                self.subscribers.remove(changed)

        return unsubscribe

    def set(self, *faults: Fault) -> None:
        """These are in force now."""
        self.active = faults
        for changed in list(self.subscribers):
            changed()


def flows_by(faults: ByHand, alarm: Alarm, name: str) -> MakeFlows:
    """What makes the flows of the connections of a third party."""
    numbers = itertools.count()

    def flows(up: FlowSink, down: FlowSink) -> tuple[FaultFlow, FaultFlow]:
        lot = Lot(1, name, next(numbers))
        return (
            FaultFlow(faults, up, lot, "up", alarm),
            FaultFlow(faults, down, lot, "down", alarm),
        )

    return flows
