"""The traces of a report: whose time it was, operation by operation, and Server-Timing. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.report.html.markup import Column, Html, element, join, table
from wedload.units import counted, format_count, format_ms, format_ratio

if TYPE_CHECKING:
    from wedload.results.model import Result
    from wedload.results.traces_model import ServerTiming, Traces

_MOST_ROWS: Final = 40
_NOTE: Final = (
    "All of a run together, per traced request of whatever step. Self: not covered by what it "
    "asked. On the path: what the end of requests was waiting for, which adds up to the target's "
    "time."
)


@dataclass(slots=True)
class _Sum:
    """What an operation adds up to, ms."""

    count: int = 0
    self_ms: float = 0.0
    critical_ms: float = 0.0
    longest_ms: float = 0.0
    errors: int = 0


def traces(result: Result) -> Html:
    """Operations by their part of critical paths, and what responses said of themselves."""
    found = result.traces
    assert found is not None  # else there is no such section
    sums = _operations(found)
    ordered = sorted(sums.items(), key=lambda item: (-item[1].critical_ms, item[0]))
    whole_ms = sum(one.critical_ms for one in sums.values())
    parts = [
        table(
            f"{counted(found.requests, 'request')} were traced, and {format_count(found.traces)}"
            f" came back with {counted(found.spans, 'span')}.",
            [
                Column("operation", "name"),
                *(
                    Column(head, "number")
                    for head in ("spans", "self", "on the path", "share", "longest self", "errors")
                ),
            ],
            [_row(*item, found.traces, whole_ms) for item in ordered[:_MOST_ROWS]],
            note=_NOTE,
        )
    ]
    if len(ordered) > _MOST_ROWS:
        left = counted(len(ordered) - _MOST_ROWS, "operation")
        parts.append(element("p", f"{left} more, with less on the path.", class_="note"))
    if found.server_timing:
        parts.append(_timings(found.server_timing))
    return join(parts)


def _operations(found: Traces) -> dict[tuple[str, str], _Sum]:
    sums: dict[tuple[str, str], _Sum] = {}
    for one in found.operations:
        total = sums.setdefault((one.service, one.operation), _Sum())
        total.count += one.count
        total.self_ms += one.self_ms
        total.critical_ms += one.critical_ms
        total.longest_ms = max(total.longest_ms, one.max_self_ms)
        total.errors += one.errors
    return sums


def _row(operation: tuple[str, str], one: _Sum, traced: int, whole_ms: float) -> list[str | Html]:
    service, name = operation
    return [
        join([element("span", name), element("small", service)]),
        format_count(one.count),
        format_ms(one.self_ms / traced) if traced else "–",
        format_ms(one.critical_ms / traced) if traced else "–",
        format_ratio(one.critical_ms / whole_ms) if whole_ms else "–",
        format_ms(one.longest_ms),
        format_count(one.errors),
    ]


def _timings(entries: list[ServerTiming]) -> Html:
    sums: dict[tuple[str, str], tuple[int, float]] = {}
    for one in entries:
        count, sum_ms = sums.get((one.name, one.step or ""), (0, 0.0))
        sums[one.name, one.step or ""] = count + one.count, sum_ms + one.sum_ms
    return table(
        "What responses to traced requests said of themselves, by Server-Timing.",
        [Column("entry", "name"), Column("responses", "number"), Column("on average", "number")],
        [
            [join([element("span", name), element("small", step)]), format_count(count),
             format_ms(sum_ms / count)]
            for (name, step), (count, sum_ms) in sorted(sums.items())
            if count
        ],
    )  # fmt: skip
