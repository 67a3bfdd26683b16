"""Text and tables in so many columns of a terminal: 80 at most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Column

WIDTH: Final = 80
_STYLE: Final[dict[str, Any]] = {
    "box": None, "padding": (0, 1, 0, 0), "pad_edge": False, "header_style": "dim", "expand": True,
}  # fmt: skip
_LEAST: Final = 8  # columns of what shrinks
_MOST_LINES: Final = 6  # of an item
_LEAST_NAME: Final = 12  # of what has the rest


class BareTable(Table):
    """A table without lines, as wide as the terminal, 80 columns at most.

    A column with a ratio has what the others leave; those that end in `…` shrink, the widest first;
    where that is not enough, columns that give way are left out, and no other is ever cut. The
    first of them also gives way to names that could not be told apart beside it.
    """

    def __init__(self, gives_way: Sequence[str] = ()) -> None:
        """`gives_way`: titles of columns that a narrow terminal goes without, the first first."""
        super().__init__(**_STYLE)
        self._gives_way = gives_way

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, in the columns that there are."""
        width = min(options.max_width, WIDTH)
        kept = [(one, _natural(console, options, one)) for one in self.columns]
        for title in self._gives_way:
            if sum(_least(*one) for one in kept) + len(kept) - 1 <= width:
                break
            kept = [one for one in kept if one[0].header != title]
        without = [one for one in kept if one[0].header != next(iter(self._gives_way), None)]
        if _names_alike(kept, width) and not _names_alike(without, width):
            kept = without
        fitting = Table(**_STYLE, width=width)
        for (column, _), size in zip(kept, _sizes(kept, width), strict=True):
            fitting.add_column(
                column.header, justify=column.justify, no_wrap=column.no_wrap,
                overflow=column.overflow, ratio=column.ratio, width=size,
            )  # fmt: skip
        for row in zip(*(column.cells for column, _ in kept), strict=True):
            fitting.add_row(*row)
        yield fitting


def _natural(console: Console, options: ConsoleOptions, column: Column) -> int:
    """Columns that its texts take, within what it says itself."""
    if column.width is not None:
        return column.width
    texts = [column.header, *column.cells]
    widest = max(Measurement.get(console, options, text).maximum for text in texts)
    return min(max(widest, column.min_width or 0), column.max_width or widest)


def _shrinks(column: Column) -> bool:
    return column.overflow == "ellipsis" and not column.ratio


def _least(column: Column, natural: int) -> int:
    if column.ratio:
        return _LEAST_NAME
    return min(natural, _LEAST) if _shrinks(column) else natural


def _sizes(columns: Sequence[tuple[Column, int]], width: int) -> list[int | None]:
    """Of each column; None: what the others leave."""
    sizes = [_LEAST_NAME if column.ratio else natural for column, natural in columns]
    shrink = [place for place, (column, _) in enumerate(columns) if _shrinks(column)]
    while sum(sizes) + len(sizes) - 1 > width and any(sizes[place] > _LEAST for place in shrink):
        sizes[max(shrink, key=sizes.__getitem__)] -= 1
    return [None if one.ratio else size for (one, _), size in zip(columns, sizes, strict=True)]


def _names_alike(columns: Sequence[tuple[Column, int]], width: int) -> bool:
    """Whether different names come out the same in the columns that are left to them."""
    sizes = _sizes(columns, width)
    room = width - sum(size or 0 for size in sizes) - len(sizes) + 1
    for (column, _), size in zip(columns, sizes, strict=True):
        names = {one for one in column.cells if isinstance(one, Name)}
        shown = {fitted_middle(one.text, size or room, one.tail) for one in names}
        if len(shown) < len(names):
            return True
    return False


def print_indented(text: Text, console: Console) -> None:
    """Print a text that may take several lines, all of them a column in, none with spaces after."""
    for line in text.wrap(console, min(console.width, WIDTH) - 1):
        line.rstrip()
        console.print(Text(" ").append_text(line), no_wrap=True, overflow="ignore", crop=False)


def print_sentence(text: Text, console: Console) -> None:
    """Print a sentence: indented in a terminal, else on one line, as logs are searched by line."""
    if console.is_terminal:
        print_indented(text, console)
    else:
        console.print(Text(" ").append_text(text), soft_wrap=True)


def print_item(head: str, text: str, console: Console) -> None:
    """Print a text of unknown length after its `head`, and lines that go on below its beginning.

    In a log it is one line, whole, as logs are searched by line; of spaces it has one at a time.
    """
    text = " ".join(text.split())
    if not console.is_terminal:
        console.print(Text(f"{head}{text}"), soft_wrap=True)
        return
    width = max(min(console.width, WIDTH) - cell_len(head), _LEAST_NAME)
    lines = Text(text).wrap(console, width)
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES - 1].append("…")
    for place, line in enumerate(lines[:_MOST_LINES]):
        line.rstrip()
        before = head if place == 0 else " " * cell_len(head)
        console.print(Text(before).append_text(line), no_wrap=True, overflow="ellipsis")


def fitted(text: str, width: int) -> str:
    """A text in exactly so many columns, cut at its end if need be."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return f"{set_cell_size(text, width - 1)}…"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a table, cut in its middle where there is no room: names often end differently.

    `tail` is its end that is never cut while there is room for anything else.
    """

    text: str
    tail: str = ""

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """From what tells something to all of it."""
        width = cell_len(self.text)
        return Measurement(min(width, _LEAST_NAME), width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As much as there is room for."""
        text = fitted_middle(self.text, options.max_width, self.tail)
        yield Text(text, no_wrap=True, overflow="ellipsis")


def fitted_middle(text: str, width: int, tail: str = "") -> str:
    """A text in at most so many columns, cut in its middle if need be, before its `tail`."""
    if cell_len(text) <= width:
        return text
    if not text.endswith(tail) or cell_len(tail) > width - _LEAST:
        tail = ""
    name = text.removesuffix(tail)
    room = max(width - cell_len(tail) - 1, 1)
    begin = set_cell_size(name, room - room // 2).rstrip()
    end = chop_cells(name[::-1], room // 2)[0][::-1] if room > 1 else ""
    return f"{begin}…{end}{tail}"


def fitted_end(text: str, width: int) -> str:
    """The same, but cut at its beginning: a path, whose end tells files apart."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    end = chop_cells(text[::-1], width - 1)[0][::-1]
    return set_cell_size(f"…{end}", width)
