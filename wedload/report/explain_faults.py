"""What `wedload check` says about faults: what goes wrong, on what, from when until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wedload.plan.fault_proxies import SANDBOX
from wedload.plan.fault_times import fault_spans
from wedload.plan.faults import OF_BYTES, SANDBOX_SERVICES
from wedload.report.columns import BareTable
from wedload.report.explain_third_parties import add_line, latency_words
from wedload.units import format_clock, format_duration_ns, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.plan.fault_times import FaultSpan
    from wedload.plan.faults import Fault, Slicer
    from wedload.plan.model import Plan

_IN_FORCE = "━"
_WAYS = {"down": "of what the service sends", "up": "of what is sent to it", "both": "both ways"}


def fault_table(plan: Plan, target: str, end_ns: int, time_scale: float) -> BareTable:
    """Each fault with when it is in force; below it what goes wrong, and what is to be known."""
    table = BareTable()
    table.add_column(" fault", ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column("on", no_wrap=True, overflow="ellipsis")
    for title in ("from", "until"):
        table.add_column(title, no_wrap=True, justify="right")
    for fault, when in zip(plan.faults, fault_spans(plan.faults, time_scale), strict=True):
        clocks = map(format_clock, (when.begin_s, when.end_s))
        table.add_row(Text(f" {fault.name}"), Text(", ".join(fault.on)), *clocks)
        add_line(table, what_goes_wrong(fault))
        for warning in _warnings(plan, fault, target, when, end_ns):
            add_line(table, warning, "yellow")
    return table


def _warnings(plan: Plan, fault: Fault, target: str, when: FaultSpan, end_ns: int) -> Iterator[str]:
    """What a fault cannot show in this run."""
    of_sandbox = [thing for thing in fault.on if thing in SANDBOX_SERVICES]
    of_sandbox += [
        thing
        for thing in fault.on
        if thing in plan.proxies and plan.proxies[thing].upstream == SANDBOX
    ]
    if of_sandbox and target in plan.targets and not plan.targets[target].sandbox:
        yield f"{target} is not the sandbox: nothing goes wrong with {' and '.join(of_sandbox)}"
    if when.begin_ns >= end_ns:
        yield "begins when the load is over: nothing suffers it"
    elif when.end_ns >= end_ns:
        yield 'lasts until the load is over: there is no "after" of it, and no time to recover'


def fault_line(faults: Sequence[FaultSpan], end_ns: int, columns: int) -> str:
    """Where on a time axis of so many columns any fault is in force."""
    cells = [" "] * columns
    for when in faults:
        if when.begin_ns >= end_ns:
            continue
        first = when.begin_ns * columns // end_ns
        last = min((when.end_ns - 1) * columns // end_ns, columns - 1)
        for column in range(first, max(first, last) + 1):
            cells[column] = _IN_FORCE
    return "".join(cells)


def what_goes_wrong(fault: Fault) -> str:
    """A fault in words: `200ms later, 50ms more or less; half of the connections`."""
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
