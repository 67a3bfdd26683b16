"""Faults in a terminal: the table of the final report, and what is to be said below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wedload.report.columns import BareTable, Name
from wedload.report.fault_words import (
    amplification_words,
    fault_sentences,
    goodput_words,
    p95_words,
    recovered_words,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.results.faults_model import Fault

_P95 = "workflow p95"


def fault_table(faults: Sequence[Fault]) -> BareTable:
    """When each was in force, goodput, how soon it was back, and what workflows took."""
    table = BareTable(gives_way=(_P95, "when", "recovered"))
    table.add_column(" fault", no_wrap=True, overflow="ellipsis", ratio=1)
    for name in ("when", "goodput", "recovered", _P95):
        # what is cut of these is worse than what is left out
        table.add_column(name, justify="right", no_wrap=True, overflow="crop")
    for one in faults:
        red = "red" if one.metastable else ""
        table.add_row(
            Name(f" {one.name}"),
            when(one),
            goodput_words(one),
            Text(recovered_words(one), style=red),
            p95_words(one),
        )
    return table


def fault_notes(faults: Sequence[Fault]) -> Iterator[Text]:
    """That it did not recover, or that nobody can say; and how much was retried meanwhile."""
    for one in faults:
        for sentence in fault_sentences(one):
            yield Text(sentence, style="red" if one.metastable else "yellow")
        if retried := amplification_words(one):
            yield Text(f"{one.name}: retry amplification {retried}", style="dim")
