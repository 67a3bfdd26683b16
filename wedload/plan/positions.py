"""Where each key of a TOML text stands: key path -> line.

tomli gives values without positions. This scanner gives positions without values: it follows
keys, tables, brackets and strings, and skips everything else, so it may only be given a text that
tomli has accepted. One pass, linear in the text.

Source: https://toml.io/en/v1.1.0
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from wedload.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

#: where a value stands in a plan: table keys and list indices
Path = tuple[str | int, ...]

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LONGEST_MESSAGE: Final = 2_000


def dotted(path: Path) -> str:
    """A path as a person writes it: `scenarios.bridal_show.stages[1].duration`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            quoted = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", part)
            shown = part if _BARE_KEY.fullmatch(part) else f'"{quoted}"'
            text += f".{shown}" if text else shown
    return text


def begins_as(path: Path, place: Path) -> bool:
    """Whether a path is at a place or below it; in the place, `*` stands for any part."""
    return len(path) >= len(place) and all(
        one in {"*", part} for one, part in zip(place, path, strict=False)
    )


@dataclass(frozen=True, slots=True)
class Positions:
    """Where the values of one plan come from: its file, line by line, or a `--set` override."""

    file: str
    lines: Mapping[Path, int] = field(default_factory=dict)
    overrides: Mapping[Path, str] = field(default_factory=dict)  # path -> the text `key=value`

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it that has one; 0 if nothing has."""
        for end in range(len(path), 0, -1):
            if (line := self.lines.get(path[:end])) is not None:
                return line
        return 0

    def problem(self, path: Path, message: str, hint: str | None = None) -> Problem:
        """A problem with the value at a path: it names the key, and where it was written."""
        text = _shortened(f"{dotted(path)}: {message}" if path else message)
        for end in range(len(path), 0, -1):
            if path[:end] in self.overrides:
                return Problem(f"--set {self.overrides[path[:end]]}", 0, text, hint)
        return Problem(self.file, self.line(path), text, hint)


def _shortened(text: str) -> str:
    """A message that can be read, whatever long text of a plan it quotes."""
    half = _LONGEST_MESSAGE // 2
    return text if len(text) <= _LONGEST_MESSAGE else f"{text[:half]} … {text[-half:]}"


def find_positions(text: str) -> dict[Path, int]:
    """The 1-based line of every key path and list element of a valid TOML text."""
    return _Scanner(text.replace("\r\n", "\n")).scan()


_GAP: Final = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_BLANK: Final = re.compile(r"[ \t]*")
_REST_OF_LINE: Final = re.compile(r"[^\n]*")
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")
_STRING: Final = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL
)
_ESCAPED: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[4], match[4])


class _Scanner:
    """Walks one text; `at` is the offset reached, `lines` what has been found."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._counted_to = 0
        self._line = 1
        self._lengths: dict[Path, int] = {}  # arrays of tables: elements so far

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while True:
            self._skip(_GAP)
            if self._at >= len(self._text):
                return self._lines
            if self._text.startswith("[[", self._at):
                table = self._header(array=True)
            elif self._text[self._at] == "[":
                table = self._header(array=False)
            else:
                self._pair(table)
            self._skip(_REST_OF_LINE)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"not valid TOML at offset {self._at}")
        self._at = match.end()
        return match[0]

    def _note(self, path: Path) -> None:
        self._line += self._text.count("\n", self._counted_to, self._at)
        self._counted_to = self._at
        self._lines.setdefault(path, self._line)

    def _header(self, *, array: bool) -> Path:
        self._at += 2 if array else 1
        path: Path = ()
        keys = self._keys()
        for place, (key, at) in enumerate(keys):
            path = (*path, key)
            self._note_at(path, at)
            if place < len(keys) - 1 and path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        if array:
            index = self._lengths.get(path, 0)
            self._lengths[path] = index + 1
            path = (*path, index)
            self._note(path)
        elif path in self._lengths:  # cannot be in valid TOML
            path = (*path, self._lengths[path] - 1)
        return path

    def _note_at(self, path: Path, at: int) -> None:
        if path not in self._lines:
            here, self._at = self._at, at
            self._note(path)
            self._at = here

    def _keys(self) -> list[tuple[str, int]]:
        """A dotted key, with the offset of each part; stops behind it."""
        keys = []
        while True:
            self._skip(_BLANK)
            start = self._at
            quote = self._text[start]
            text = self._skip(_STRING if quote in "\"'" else _BARE_KEY)
            if quote == '"':
                text = _ESCAPE.sub(_unescape, text[1:-1])
            elif quote == "'":
                text = text[1:-1]
            keys.append((text, start))
            self._skip(_BLANK)
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _pair(self, table: Path) -> None:
        path = table
        for key, at in self._keys():
            path = (*path, key)
            self._note_at(path, at)
        self._skip(_BLANK)
        self._at += 1  # the equals sign
        self._skip(_BLANK)
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._text[self._at]
        if opening in "\"'":
            self._skip(_STRING)
        elif opening in "[{":
            self._at += 1
            self._members(path, "]" if opening == "[" else "}")
        else:
            self._skip(_SCALAR)

    def _members(self, path: Path, closing: str) -> None:
        index = 0
        while True:
            self._skip(_GAP)
            if self._text[self._at] == closing:
                self._at += 1
                return
            if closing == "]":
                element = (*path, index)
                self._note(element)
                self._value(element)
                index += 1
            else:
                self._pair(path)
            self._skip(_GAP)
            if self._text[self._at] == ",":
                self._at += 1
