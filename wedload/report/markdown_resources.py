"""Resources in Markdown: CPU and memory of each, and what there is to know of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.report.markdown_text import bullets, table
from wedload.report.resource_words import besides, figure, notes, quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.results.resources_model import Resource


def resources(found: Sequence[Resource]) -> str:
    """The table, and notes below it; empty without resources."""
    if not found:
        return ""
    rows = table(
        ("Resource", ">CPU, avg", ">CPU, max", ">Memory, max", "Besides, at most"), map(_row, found)
    )
    said = [note for one in found for note in notes(one)]
    return f"{rows}\n\n{bullets(said)}" if said else rows


def _row(one: Resource) -> tuple[str, ...]:
    cpu = quantity(one, "cpu")
    return (
        one.name, figure(cpu, "avg"), figure(cpu, "max"),
        figure(quantity(one, "memory"), "max"), besides(one),
    )  # fmt: skip
