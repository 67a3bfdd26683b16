"""The flows of the connections of one target: each has its number, and two directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.simulators.faults.flow import FaultFlow
from wedload.simulators.faults.lots import Lot

if TYPE_CHECKING:
    from wedload.alarm import Alarm
    from wedload.simulators.faults.port import FlowSink, Injections


class FaultFlows:
    """Makes them for a dependency, or whoever else has connections."""

    def __init__(self, target: str, injections: Injections, alarm: Alarm, seed: int) -> None:
        self._target = target
        self._injections = injections
        self._alarm = alarm
        self._seed = seed
        self._number = 0

    def make(self, up: FlowSink, down: FlowSink) -> tuple[FaultFlow, FaultFlow]:
        """Those of the next connection, where `up` takes what the client sends."""
        lot = Lot(self._seed, self._target, self._number)
        self._number += 1
        return (
            FaultFlow(self._injections, up, lot, "up", self._alarm),
            FaultFlow(self._injections, down, lot, "down", self._alarm),
        )
