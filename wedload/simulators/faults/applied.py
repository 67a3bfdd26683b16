"""From the faults of a plan to what they do to the bytes of one direction of a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wedload.simulators.faults.bandwidth import BandwidthGate
from wedload.simulators.faults.latency import LatencyWay
from wedload.simulators.faults.limit_data import LimitDataGate
from wedload.simulators.faults.reset import ResetHold
from wedload.simulators.faults.slicer import SlicerGate
from wedload.simulators.faults.slow_close import SlowCloseGate
from wedload.simulators.faults.timeout import TimeoutHold

if TYPE_CHECKING:
    from wedload.plan.faults import Fault
    from wedload.simulators.faults.gate import Gate, Hold, Way
    from wedload.simulators.faults.lots import Lot

#: `up` is from the client to the service, `down` from the service to its client
Heading = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Applied:
    """One fault, as one direction of one connection suffers it; its gates in their order."""

    name: str
    holds: tuple[Hold, ...] = ()
    gates: tuple[Gate, ...] = ()
    ways: tuple[Way, ...] = ()
    ends_only: bool = False  # data does not suffer it


def applied(fault: Fault, heading: Heading, lot: Lot) -> Applied | None:
    """What a fault does there; None: nothing. What limits the line is the last of its gates."""
    if fault.direction not in {heading, "both"} or not lot.suffers(fault):
        return None
    holds, gates, ways = _holds(fault), _gates(fault, heading, lot), _ways(fault, heading, lot)
    if not holds and not gates and not ways:
        return None
    only_close = not holds and not ways and all(isinstance(one, SlowCloseGate) for one in gates)
    return Applied(fault.name, tuple(holds), tuple(gates), tuple(ways), only_close)


def _holds(fault: Fault) -> list[Hold]:
    holds: list[Hold] = []
    if fault.reset:
        holds.append(ResetHold(0 if fault.reset is True else fault.reset))
    if fault.timeout:
        holds.append(TimeoutHold(None if fault.timeout is True else fault.timeout))
    return holds


def _gates(fault: Fault, heading: Heading, lot: Lot) -> list[Gate]:
    gates: list[Gate] = []
    if fault.limit_data is not None:
        gates.append(LimitDataGate(fault.limit_data))
    if fault.slow_close is not None:
        gates.append(SlowCloseGate(fault.slow_close))
    if fault.slicer is not None:
        gates.append(SlicerGate(fault.slicer, lot.rng(fault, f"slicer {heading}")))
    if fault.bandwidth is not None:
        gates.append(BandwidthGate(fault.bandwidth.bytes_per_s))
    return gates


def _ways(fault: Fault, heading: Heading, lot: Lot) -> list[Way]:
    if fault.latency is None and fault.jitter is None:
        return []
    rng = lot.rng(fault, f"latency {heading}")
    return [LatencyWay(fault.latency, fault.jitter or 0, rng)]
