"""Markdown that shows text as it is: escaping, tables and lists. Pure.

GitHub's flavour, which GitLab reads too. Names come from plans and targets, so whatever would mean
something – to a table, to HTML, to whoever is mentioned – is written as a character reference,
which by CommonMark never does.
Source: https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: an underscore within a word means nothing, and names of metrics stay readable
_MEANS: Final = re.compile(r"[\\`*|<>&\[\]~#@!$]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|(?<=\w):(?=//)")


def escaped(text: str) -> str:
    """Text that shows as it is, on one line, wherever Markdown puts it."""
    one_line = " ".join(text.split())
    return _MEANS.sub(lambda found: f"&#{ord(found[0])};", one_line)


def bullets(lines: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {escaped(line)}" for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a column whose title begins with `>` is set to the right."""
    titles = [title.removeprefix(">") for title in head]
    rule = ["---:" if title.startswith(">") else "---" for title in head]
    lines = [titles, rule, *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
