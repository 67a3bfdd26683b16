"""The faults of a plan as a run has them: when, on what, and what goes wrong there. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.plan.distribution import Distribution
from wedload.plan.fault_times import fault_spans
from wedload.results.faults_model import PlannedFault
from wedload.units import format_count, format_duration_ns, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.faults import Fault
    from wedload.plan.latency import Latency
    from wedload.plan.model import Plan


def planned_faults(plan: Plan, time_scale: float = 1.0) -> tuple[PlannedFault, ...]:
    """The faults of a plan, in its order, for a load that lasts `time_scale` times as long."""
    return tuple(
        PlannedFault(
            name=one.name,
            on=list(one.on),
            what=fault_words(one),
            begin_s=round(span.begin_s, 3),
            end_s=round(span.end_s, 3),
        )
        for one, span in zip(plan.faults, fault_spans(plan.faults, time_scale), strict=True)
    )


def fault_words(fault: Fault) -> str:
    """What goes wrong: `down`, `status 503 (30 %)`, `latency 2s, reset`."""
    words = ", ".join(_kinds(fault))
    return words if fault.toxicity >= 1 else f"{words} ({format_ratio(fault.toxicity)})"


def _kinds(fault: Fault) -> Iterator[str]:
    if fault.down:
        yield "down"
    if fault.status is not None:
        yield f"status {fault.status}"
    if fault.latency is not None or fault.jitter is not None:
        yield _latency(fault.latency, fault.jitter)
    for name, instant in (("reset", fault.reset), ("timeout", fault.timeout)):
        if instant:
            yield name if instant is True else f"{name} after {format_duration_ns(instant)}"
    if fault.bandwidth is not None:
        yield f"{format_count(fault.bandwidth.bytes_per_s)} bytes/s"
    if fault.slow_close is not None:
        yield f"closed {format_duration_ns(fault.slow_close)} late"
    if fault.slicer is not None:
        yield f"pieces of {format_count(fault.slicer.size)} bytes"
    if fault.limit_data is not None:
        yield f"cut after {format_count(fault.limit_data)} bytes"
    if fault.empty:
        yield "empty answers"
    if fault.malformed is not None:
        yield "malformed answers"


def _latency(latency: Latency | None, jitter_ns: int | None) -> str:
    steady = isinstance(latency, Distribution) and latency.shape == "constant"
    words = "latency"
    if isinstance(latency, Distribution):
        words += f" {format_duration_ns(latency.a_ns) if steady else latency.shape}"
    return words if jitter_ns is None else f"{words} ± {format_duration_ns(jitter_ns)}"
