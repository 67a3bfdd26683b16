"""The resources of a report: figures of each quantity, locks waited for, statements. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.resource_words import figure
from wedload.units import counted, format_count, format_ms, format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.results.model import Result
    from wedload.results.resources_model import LockWait, Resource, ResourceFigures, Statement

_FIGURES: Final = ("min", "avg", "p95", "max", "last")


def resources(result: Result) -> Html:
    """A table of all quantities, then what there is to say of each resource."""
    parts = [
        table(
            "Levels that were sampled once a second beside the load, exactly as they were.",
            [
                Column("resource", "name"), Column("quantity"),
                *(Column(one, "number") for one in (*_FIGURES, "at most", "samples")),
            ],
            [_row(one, of) for one in result.resources for of in one.figures],
            note="CPU: 100 % is one core; its share is of all cores that there are. What grows is "
            "told per second. At most is where a level can rise no further, if that is known.",
        )
    ]  # fmt: skip
    for one in result.resources:
        parts += _details(one)
    return join(parts)


def _row(one: Resource, of: ResourceFigures) -> list[str | Html]:
    return [
        join([element("span", one.name), element("small", _kind(one))]),
        of.quantity.replace("_", " "),
        *(figure(of, name) for name in _FIGURES),
        "" if of.capacity is None else format_value(of.capacity, of.unit),
        format_count(of.samples),
    ]


def _kind(one: Resource) -> str:
    return one.kind if not one.what else f"{one.kind}: {one.what}"


def _details(one: Resource) -> list[Html]:
    parts = []
    if one.locks:
        parts.append(_locks(one.name, one.locks))
    if one.statements:
        parts.append(_statements(one.name, one.statements))
    said = [f"{counted(times, 'time')}: {why}" for why, times in one.problems.items()]
    said += one.notes
    if said:
        parts.append(element("p", f"{one.name}: {'; '.join(said)}", class_="note"))
    return parts


def _locks(name: str, found: Sequence[LockWait]) -> Html:
    return table(
        f"{name}: what sessions waited for, as seen once a second.",
        [
            Column("lock", "name"), Column("held by"), Column("most at once", "number"),
            Column("sessions in all samples", "number"),
        ],
        [
            [
                one.what,
                "" if one.holder is None else element("code", one.holder),
                format_count(one.most), format_count(one.sessions),
            ]
            for one in found
        ],
    )  # fmt: skip


def _statements(name: str, found: Sequence[Statement]) -> Html:
    return table(
        f"{name}: what statements cost during the load, the costliest first.",
        [
            Column("statement", "name"),
            *(Column(one, "number") for one in ("calls", "total", "mean", "rows")),
        ],
        [
            [
                element("code", one.text), format_count(one.calls), format_ms(one.total_ms),
                format_ms(one.mean_ms), format_count(one.rows),
            ]
            for one in found
        ],
    )  # fmt: skip
