"""A console whose terminal goes away, and that shows no secrets."""

from __future__ import annotations

import errno
import io

import pytest
from rich.table import Table
from rich.text import Text

from tests.helpers.credentials import SECRET
from wedload.plan.secrets.vault import MASK
from wedload.report.console import SafeConsole


class Broken(io.StringIO):
    """A terminal that can be written to `good` times."""

    def __init__(self, number: int, good: int) -> None:
        super().__init__()
        self.tried = 0
        self._number, self._good = number, good

    def write(self, text: str) -> int:
        self.tried += 1
        if self.tried > self._good:
            raise OSError(self._number, "broken")
        return super().write(text)


@pytest.mark.parametrize("number", [errno.EIO, errno.EPIPE, errno.ENOSPC])
def test_what_cannot_be_written_is_not_written_and_nothing_after_it(number):
    file = Broken(number, good=1)
    console = SafeConsole(file=file)

    for line in ("one", "two", "three"):
        console.print(line)

    assert file.getvalue() == "one\n"
    assert file.tried == 2
    assert console.quiet


@pytest.mark.parametrize("terminal", [True, False])
def test_what_a_terminal_would_obey_is_not_passed_on_from_a_text(terminal):
    file = io.StringIO()
    console = SafeConsole(file=file, force_terminal=terminal, color_system=None)

    console.print(Text("a\x1b[2J\x1b]0;owned\x07\x9b8m\x7f\rb\u202ecü\nd"))

    assert file.getvalue() == "a[2J]0;owned8mbcü\nd\n"


def test_colours_and_cursor_are_still_ours():
    file = io.StringIO()
    console = SafeConsole(file=file, force_terminal=True, color_system="standard")

    console.print(Text("a\x1b[2Jb", style="red"))
    console.show_cursor(False)

    assert file.getvalue() == "\x1b[31ma[2Jb\x1b[0m\n\x1b[?25l"


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    "printed",
    [f"key {SECRET}", Text(f"key {SECRET}", style="red"), Text.assemble("key ", (SECRET, "bold"))],
)
@pytest.mark.parametrize("width", [80, 12])
def test_secret_is_masked_before_its_line_is_broken(printed, width):
    file = io.StringIO()

    SafeConsole(file=file, width=width).print(printed)

    assert "".join(file.getvalue().split()) == f"key{MASK}"


@pytest.mark.usefixtures("known")
def test_secret_in_a_table_is_masked():
    file, table = io.StringIO(), Table()
    table.add_column(SECRET)
    table.add_row(f"a {SECRET}")

    SafeConsole(file=file, width=80, force_terminal=True).print(table)

    assert SECRET not in file.getvalue()
    assert file.getvalue().count(MASK) == 2
