"""Lines of `wedload check` beside its tables: each a sentence, with a style for its weight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from wedload.report.columns import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

#: a text and its style: `dim` is worth knowing, `yellow` to be looked at, `green` well
Line = tuple[str, str]


def print_lines(lines: Iterable[Line], console: Console) -> None:
    """Print each, wrapped, one column from the edge as all that `check` says."""
    for text, style in lines:
        console.print(Padding.indent(Text(text, style=style), 1), width=WIDTH)
