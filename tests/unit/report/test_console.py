"""A console whose terminal goes away."""

from __future__ import annotations

import errno
import io

import pytest

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
