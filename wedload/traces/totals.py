"""Totals of reduced traces by slot of the load, step, phase, service and operation. Pure.

Whatever a run's length, and whatever names the services give, these stay a table of bounded size.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from wedload.traces.attribution import service_of
from wedload.traces.critical_path import critical_shares
from wedload.traces.slots import slot_length_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.traces.tree import Node
    from wedload.workload.trace_ids import TraceMark

#: operations, each of one service, that are told apart; what comes later is `OTHER` of its service
MOST_OPERATIONS: Final = 100
MOST_SERVICES: Final = 50
OTHER: Final = "other"


class StepKey(NamedTuple):
    """A step in a phase and slot, by the numbers of the catalogue."""

    slot: int
    series: int
    phase: int


class OperationKey(NamedTuple):
    """An operation of a service within requests of a step."""

    at: StepKey
    service: str
    operation: str


@dataclass(slots=True)
class OperationTotal:
    """What spans of an operation add up to, ns."""

    count: int = 0
    self_ns: int = 0
    critical_ns: int = 0
    max_self_ns: int = 0
    errors: int = 0

    def add(self, other: OperationTotal) -> None:
        """Take in another's spans."""
        self.count += other.count
        self.self_ns += other.self_ns
        self.critical_ns += other.critical_ns
        self.max_self_ns = max(self.max_self_ns, other.max_self_ns)
        self.errors += other.errors


@dataclass(slots=True)
class StepTotal:
    """What traces of a step add up to: how many, and their roots' durations, ns."""

    count: int = 0
    root_ns: int = 0

    def add(self, other: StepTotal) -> None:
        """Take in another's traces."""
        self.count += other.count
        self.root_ns += other.root_ns


@dataclass(slots=True)
class Totals:
    """All totals of a run; slots are `slot_s` seconds long."""

    slot_s: int = 1
    operations: dict[OperationKey, OperationTotal] = field(default_factory=dict)
    steps: dict[StepKey, StepTotal] = field(default_factory=dict)
    _names: set[tuple[str, str]] = field(default_factory=set)
    _services: set[str] = field(default_factory=set)

    def add(self, mark: TraceMark, roots: list[Node]) -> None:
        """Take in a trace that is whole."""
        self.stretch(slot_length_s(mark.second, self.slot_s))
        at = StepKey(mark.second // self.slot_s, mark.series, mark.phase)
        step = self.steps.setdefault(at, StepTotal())
        step.count += 1
        for root in roots:
            step.root_ns += root.length_ns
            critical = critical_shares(root)
            for node in root.below():
                key = OperationKey(at, *self._name(service_of(node), node.span.operation))
                self_ns = node.self_ns
                self.operations.setdefault(key, OperationTotal()).add(
                    OperationTotal(
                        1, self_ns, critical.get(node, 0), self_ns, int(node.span.failed)
                    )
                )

    def stretch(self, slot_s: int) -> None:
        """Make slots so long; a multiple of what they are."""
        if slot_s == self.slot_s:
            return
        times, self.slot_s = slot_s // self.slot_s, slot_s
        operations, self.operations = self.operations, {}
        for key, total in operations.items():
            at = key.at._replace(slot=key.at.slot // times)
            self.operations.setdefault(key._replace(at=at), OperationTotal()).add(total)
        steps, self.steps = self.steps, {}
        for at, one in steps.items():
            self.steps.setdefault(at._replace(slot=at.slot // times), StepTotal()).add(one)

    def rename(self, shown: Callable[[str], str]) -> None:
        """Have services and operations called as they may be shown."""
        operations, self.operations = self.operations, {}
        for key, total in operations.items():
            named = OperationKey(key.at, shown(key.service), shown(key.operation))
            self.operations.setdefault(named, OperationTotal()).add(total)

    def _name(self, service: str, operation: str) -> tuple[str, str]:
        """Service and operation as they are told apart."""
        if (service, operation) in self._names:
            return service, operation
        if service not in self._services:
            if len(self._services) >= MOST_SERVICES:
                return OTHER, OTHER
            self._services.add(service)
        if len(self._names) >= MOST_OPERATIONS:
            return service, OTHER
        self._names.add((service, operation))
        return service, operation
