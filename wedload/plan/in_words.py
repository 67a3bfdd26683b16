"""What a plan says of latencies and faults in words: the same before a run and in its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.plan.distribution import Distribution
from wedload.plan.faults import OF_BYTES
from wedload.plan.latency import Empirical
from wedload.units import format_duration_ns, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.faults import Fault, Slicer
    from wedload.plan.latency import Latency

_WAYS: Final = {
    "down": "of what the service sends", "up": "of what is sent to it", "both": "both ways",
}  # fmt: skip


def latency_words(latency: Latency | None) -> str:
    """How long something takes: `half within 120ms, 99 % within 900ms`."""
    if latency is None:
        return "at once"
    if isinstance(latency, Empirical):
        return f"as measured in {latency.file}"
    if not isinstance(latency, Distribution):
        return f"as {latency}"
    low, high = format_duration_ns(latency.a_ns), format_duration_ns(latency.b_ns)
    match latency.shape:
        case "constant":
            return f"in {low}"
        case "uniform":
            return f"in {low} to {high}"
        case "normal":
            return f"in {low} on average, with a standard deviation of {high}"
        case "exponential":
            return f"in {low} on average, exponentially distributed"
        case "lognormal":
            return f"half within {low}, 99 % within {high}"


def what_goes_wrong(fault: Fault) -> str:
    """A fault in words: `later: in 200ms, ± 50ms, both ways; 50 % suffer it`."""
    words = ", ".join(_kinds(fault))
    if fault.direction != "down" and set(fault.kinds) & set(OF_BYTES):
        words += f", {_WAYS[fault.direction]}"
    if fault.toxicity < 1:
        words += f"; {format_ratio(fault.toxicity)} suffer it"
    return words


def _kinds(fault: Fault) -> Iterator[str]:
    if fault.down:
        yield "down"
    if fault.latency is not None:
        jitter = fault.jitter
        more = f", ± {format_duration_ns(jitter)}" if jitter else ""
        yield f"later: {latency_words(fault.latency)}{more}"
    if fault.status is not None:
        wait = fault.retry_after
        told = "" if wait is None else f" and Retry-After {format_duration_ns(wait)}"
        yield f"answers {fault.status}{told}"
    if fault.empty:
        yield "no answer, the connection is closed"
    if fault.malformed is not None:
        yield f"malformed answers ({fault.malformed})"
    yield from _of_connections(fault)


def _of_connections(fault: Fault) -> Iterator[str]:
    if fault.reset:
        yield f"connections are reset{_after(fault.reset)}"
    if fault.timeout:
        closed = "" if fault.timeout is True else f", closed{_after(fault.timeout)}"
        yield f"nothing comes through{closed}"
    if fault.bandwidth is not None:
        yield f"{fault.bandwidth.bytes_per_s:,} bytes a second"
    if fault.slow_close is not None:
        yield f"connections end {format_duration_ns(fault.slow_close)} later"
    if fault.slicer is not None:
        yield _pieces(fault.slicer)
    if fault.limit_data is not None:
        yield f"connections end after {fault.limit_data:,} bytes"


def _pieces(slicer: Slicer) -> str:
    vary = f" ± {slicer.vary:,}" if slicer.vary else ""
    pause = f", {format_duration_ns(slicer.delay)} apart" if slicer.delay else ""
    return f"pieces of {slicer.size:,}{vary} bytes{pause}"


def _after(instant: int | bool) -> str:
    return "" if instant is True else f" after {format_duration_ns(instant)}"
