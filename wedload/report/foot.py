"""The foot of the live view: what is broken on purpose, what goes on, and how the load fares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from wedload.report.fault_words import left_words
from wedload.report.limit_words import limited_words
from wedload.units import NS_PER_MS, format_ms, format_ratio
from wedload.verdict.validity import BUSY_CPU

if TYPE_CHECKING:
    from wedload.report.view import RunView

#: lines for tables and foot from which on a fault leaves the health of the load its own
_ROOM_FOR_BOTH: Final = 6


def foot_lines(view: RunView, notice: str, room: int) -> list[Text]:
    """Lines for the faults in force and for limits, if any, and for the notice, or else the health.

    Where tables and foot have no more than a few lines together, `room`, there is one line: what
    goes on, else what is broken or limited.
    """
    broken = left_words(view.faults, view.elapsed_s)
    lines = [_warning(words) for words in (broken, limited_words(view.summary)) if words]
    lines += [_warning(notice) if notice else _health(view)]
    if len(lines) > 1 and room < _ROOM_FOR_BOTH:
        return lines[-1:] if notice else lines[:1]
    return lines


def _warning(words: str) -> Text:
    return Text(f" ! {words}", style="yellow", no_wrap=True, overflow="ellipsis")


def _health(view: RunView) -> Text:
    rows = view.timeline.health.latest()
    if not rows:
        return Text("")
    cpu_ratio = max(row.cpu_ratio for row in rows)
    lag = format_ms(max(row.lag_p99_ns for row in rows) / NS_PER_MS)
    memory_bytes = max(row.memory_bytes for row in rows)
    # those of channels and of third parties are no generators
    aside = (view.collected.ears, view.collected.parties) != (None, None)
    what = "processes" if aside else "generators"
    who = "generator" if len(rows) == 1 else f"worst of {len(rows)} {what}"
    return Text(
        f" {who}: CPU {format_ratio(cpu_ratio)}, loop lag p99 {lag}, "
        f"memory {memory_bytes / 1e6:.0f} MB",
        style="yellow" if cpu_ratio > BUSY_CPU else "dim",
        no_wrap=True,
        overflow="ellipsis",
    )
