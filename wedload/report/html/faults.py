"""The faults of a report: when each was in force, and how the platform fared. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.fault_words import (
    factor,
    fault_sentences,
    of_expected,
    recovered_words,
    when,
)
from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.html.tables import mark
from wedload.units import WITHHELD, format_ms, format_per_s

if TYPE_CHECKING:
    from wedload.results.faults_model import Fault
    from wedload.results.model import Result

_STRETCHES: Final = ("before", "during", "after")


def faults(result: Result) -> Html:
    """Two tables: goodput and recovery; what workflows and retries came to."""
    found = result.faults
    goodput = table(
        "Goodput is iterations that fared well. During and after a fault it is held against what "
        "was to be expected of the load, by what came of it before.",
        [
            Column("fault", "name"), Column("on"), Column("when", "number"),
            *(Column(f"goodput {one}", "number") for one in _STRETCHES),
            Column("recovered after", "number"),
        ],
        [_goodput(one) for one in found],
        note="Recovered is when goodput was back at 95 % of what was to be expected, and stayed so,"
        " from the end of the fault on.",
    )  # fmt: skip
    took = table(
        "Workflows and retries before, during and after each fault.",
        [
            Column("fault", "name"),
            *(Column(f"p95 {one}", "number") for one in _STRETCHES),
            *(Column(f"amplification {one}", "number") for one in _STRETCHES),
        ],
        [_took(one) for one in found],
        note="A workflow belongs to what was in force when it began. Amplification is attempts / "
        "operations at all third parties.",
    )
    said = [sentence for one in found for sentence in fault_sentences(one)]
    items = [element("li", mark("!", "note", "unsure"), " ", one) for one in said]
    notes = element("ul", *items, class_="findings") if said else None
    return join([goodput, notes, took])


def _goodput(one: Fault) -> list[str | Html]:
    found = one.goodput
    recovered = recovered_words(one)
    name = join([element("span", one.name), element("small", one.what) if one.what else None])
    return [
        name,
        ", ".join(one.on),
        when(one),
        format_per_s(found.before.per_s),
        _share(found.during.per_s, found.during.ratio),
        _share(found.after.per_s, found.after.ratio),
        mark("✗", recovered, "bad") if recovered == "never" else recovered,
    ]


def _share(per_s: float | None, ratio: float | None) -> str | Html:
    if ratio is None:
        return WITHHELD
    return join([element("span", of_expected(ratio)), element("small", format_per_s(per_s))])


def _took(one: Fault) -> list[str | Html]:
    took, retried = one.workflow_duration, one.amplification
    return [
        one.name,
        *(format_ms(each.p95) for each in (took.before, took.during, took.after)),
        *map(factor, (retried.before, retried.during, retried.after)),
    ]
