"""Text and tables in so many columns of a terminal: 80 at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.padding import Padding
from rich.table import Table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDTH: Final = 80


def bare_table() -> Table:
    """A table without lines, as wide as its columns."""
    return Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim", width=WIDTH)


def print_indented(text: Text, console: Console) -> None:
    """Print a text that may take several lines, all of them a column in."""
    console.print(Padding(text, (0, 0, 0, 1), expand=False), width=WIDTH)


def fitted(text: str, width: int) -> str:
    """A text in exactly so many columns, cut at its end if need be."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return f"{set_cell_size(text, width - 1)}…"


def fitted_end(text: str, width: int) -> str:
    """The same, but cut at its beginning: a path, whose end tells files apart."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    end = chop_cells(text[::-1], width - 1)[0][::-1]
    return set_cell_size(f"…{end}", width)
