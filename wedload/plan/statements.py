"""SQL statements as far as a plan must know them: where their parameters are, and how they begin.

A scanner of what surrounds code – texts in quotes, names in quotes, comments, dollar quotes – and
no parser: what a statement means is the database's business. Pure.

Source: PostgreSQL, "SQL Syntax", Lexical Structure; SQLite, "SQL As Understood By SQLite".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

#: what is no code: whatever stands in it is no parameter and no keyword
_ASIDE: Final = re.compile(
    r"""
      [eE]'(?:[^'\\]|\\.|'')*'        # a text with escapes
    | '(?:[^']|'')*'
    | "(?:[^"]|"")*"
    | `[^`]*`                         # SQLite's names, as MySQL writes them
    | --[^\n]*
    | \$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$
    | (?P<comment>/\*)
    """,
    re.VERBOSE | re.DOTALL,
)
_PARAMETER: Final = re.compile(r"(?<![\w$])\$(\d{1,5})(?!\w)")
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")
_WORD: Final = re.compile(r"[A-Za-z]+")
#: how other drivers and tools write parameters
_OTHER_MARKS: Final = re.compile(r"%s|%\(\w+\)s|(?<![:\w]):[A-Za-z_]\w*|(?<![\w?@|&#-])\?(?![?|&])")
#: what begins or ends a transaction, or changes a connection that others use as well
_OF_SESSIONS: Final = frozenset(
    {
        "ABORT", "ATTACH", "BEGIN", "CLOSE", "COMMIT", "DEALLOCATE", "DECLARE", "DETACH",
        "DISCARD", "END", "EXECUTE", "FETCH", "LISTEN", "LOAD", "PRAGMA", "PREPARE", "RELEASE",
        "RESET", "ROLLBACK", "SAVEPOINT", "SET", "START", "UNLISTEN",
    }
)  # fmt: skip
_READING: Final = frozenset({"SELECT", "TABLE", "VALUES", "WITH"})
_WRITING: Final = re.compile(r"(?i)\b(?:INSERT|UPDATE|DELETE|MERGE)\b")


@dataclass(frozen=True)
class Statement:
    """One statement, as a plan has it, with `$1` and so on for its parameters."""

    text: str

    @cached_property
    def pieces(self) -> tuple[tuple[bool, str], ...]:
        """Its text in order: whether it is code, and the text."""
        found: list[tuple[bool, str]] = []
        at = 0
        while (match := _ASIDE.search(self.text, at)) is not None:
            end = match.end()
            if match["comment"]:
                end = _end_of_comment(self.text, end)
            found += [
                (True, self.text[at : match.start()]),
                (False, self.text[match.start() : end]),
            ]
            at = end
        return (*found, (True, self.text[at:]))

    @cached_property
    def code(self) -> str:
        """What of it is code; a space stands for what is not."""
        return " ".join(text for is_code, text in self.pieces if is_code)

    @property
    def parameters(self) -> frozenset[int]:
        """The numbers of its parameters."""
        return frozenset(int(match[1]) for match in _PARAMETER.finditer(self.code))

    @property
    def other_mark(self) -> str | None:
        """What looks like a parameter of another tool: `?`, `%s`, `:name`."""
        match = _OTHER_MARKS.search(self.code)
        return None if match is None else match[0]

    @property
    def verb(self) -> str:
        """Its first word, in capitals; empty: it has none."""
        match = _WORD.search(self.code.lstrip(" \t\r\n(;"))
        return "" if match is None else match[0].upper()

    @property
    def several(self) -> bool:
        """Whether it is more than one statement."""
        return bool(self.code.strip().rstrip("; \t\r\n").count(";"))

    @property
    def of_session(self) -> bool:
        """Whether it is about a connection or a transaction, which no step has for itself."""
        return self.verb in _OF_SESSIONS

    @property
    def reads(self) -> bool:
        """Whether it only reads, as far as its words tell."""
        return self.verb in _READING and (self.verb != "WITH" or _WRITING.search(self.code) is None)

    def with_question_marks(self) -> str:
        """As SQLite has numbered parameters: `?1` for `$1`."""
        return "".join(
            _PARAMETER.sub(r"?\1", text) if is_code else text for is_code, text in self.pieces
        )


def _end_of_comment(text: str, at: int) -> int:
    """Where a comment ends that goes on at a place.

    Comments nest; where one would not end so, it ends as SQLite's do, at the first end.
    """
    depth, first = 1, text.find("*/", at)
    while depth and (edge := _COMMENT_EDGE.search(text, at)) is not None:
        depth += 1 if edge[0] == "/*" else -1
        at = edge.end()
    if not depth:
        return at
    return len(text) if first < 0 else first + 2
