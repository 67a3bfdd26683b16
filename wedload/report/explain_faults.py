"""What `wedload check` says about faults: what goes wrong, on what, from when until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wedload.plan.fault_proxies import SANDBOX
from wedload.plan.fault_times import fault_spans
from wedload.plan.faults import SANDBOX_SERVICES
from wedload.plan.in_words import what_goes_wrong
from wedload.report.columns import BareTable
from wedload.report.explain_third_parties import add_line
from wedload.units import format_clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.plan.fault_times import FaultSpan
    from wedload.plan.faults import Fault
    from wedload.plan.model import Plan

_IN_FORCE = "━"


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
