"""Data files of a plan: CSV, JSON and JSON Lines to rows.

Every row is a table; CSV values are text. What is wrong with a file is reported in that file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.errors import Problem
from wedload.plan.confinement import FileRefusedError, report_unreadable
from wedload.plan.expressions.expression import type_name
from wedload.plan.secrets.checking import check_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.model import Feeder, Plan

Row = dict[str, Any]
#: of one data file, as all its rows travel to each load process
_MOST_BYTES: Final = 100_000_000
_MOST_PROBLEMS: Final = 5  # of one data file; the rest is most likely the same mistake


class _RowError(ValueError):
    """What is wrong with a data file, and in which line (0: as a whole)."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


#: a row and its line (0: the format has none), or what is wrong with it
Entry = tuple[int, Row] | _RowError


@dataclass(frozen=True, slots=True)
class LoadedFeeder:
    """A feeder with its rows, and the SHA-256 of its file."""

    feeder: Feeder
    digest: str
    #: in which line each row stands; none for JSON, which has no lines
    lines: array[int] = field(default_factory=lambda: array("L"))


def read_feeders(draft: Draft, plan: Plan) -> dict[str, LoadedFeeder]:
    """Read the data files that can be read; report the others, and mark them as damaged."""
    loaded = {}
    for name, feeder in plan.data.items():
        path = ("data", name)
        if draft.damaged((*path, "file")):
            continue
        before = len(draft.problems)
        content, rows, lines = _read(draft, feeder, name)
        check_content(draft, content, str(draft.folders.base / feeder.file))
        if len(draft.problems) > before:
            draft.pruned.add((*path, "file"))
        digest = hashlib.sha256(content).hexdigest()
        loaded[name] = LoadedFeeder(replace(feeder, rows=tuple(rows)), digest, lines)
    return loaded


def _read(draft: Draft, feeder: Feeder, name: str) -> tuple[bytes, list[Row], array[int]]:
    key = ("data", name, "file")
    file = draft.folders.base / feeder.file
    parse = _FORMATS.get(file.suffix.lower())
    if parse is None:
        draft.report(key, f'"{feeder.file}" is of no known kind', f"known: {', '.join(_FORMATS)}")
        return b"", [], array("L")
    try:
        content = draft.folders.read(feeder.file, most_bytes=_MOST_BYTES)
    except (OSError, FileRefusedError) as error:
        report_unreadable(draft, key, feeder.file, error)
        return b"", [], array("L")
    return content, *_rows(draft, parse, content, str(file))


def _rows(
    draft: Draft, parse: Callable[[str], Iterator[Entry]], content: bytes, file: str
) -> tuple[list[Row], array[int]]:
    rows: list[Row] = []
    lines = array("L")
    bad: list[_RowError] = []
    try:
        for row in parse(content.decode("utf-8-sig")):
            if isinstance(row, _RowError):
                bad.append(row)
                if len(bad) == _MOST_PROBLEMS:
                    break
                continue
            line, values = row
            rows.append(values)
            if line:
                lines.append(line)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        bad.append(_RowError(line, "this is not UTF-8 text; save it as UTF-8"))
    except _RowError as error:
        bad.append(error)
    if not rows and not bad:
        bad.append(_RowError(0, "there is no row of data in it"))
    draft.problems.extend(Problem(file, row.line, str(row)) for row in bad)
    return rows, lines


def _csv(text: str) -> Iterator[Entry]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if not header:
            raise _RowError(1, "the first line must name the columns")
        _check_header(header)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                message = f"{len(cells)} values, but the header names {len(header)} columns"
                yield _RowError(reader.line_num, message)
            else:
                yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise _RowError(reader.line_num, f"this is not CSV: {error}") from None


def _check_header(header: list[str]) -> None:
    seen: set[str] = set()
    for place, column in enumerate(header):
        if not column.strip():
            raise _RowError(1, f"column {place + 1} has no name")
        if column in seen:
            raise _RowError(1, f'the column "{column}" is named twice')
        seen.add(column)


def _json_lines(text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield _RowError(number, f"this is not JSON: {error.msg}")
        else:
            yield (number, row) if isinstance(row, dict) else _not_a_row(number, row)


def _json(text: str) -> Iterator[Entry]:
    try:
        rows = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _RowError(error.lineno, f"this is not JSON: {error.msg}") from None
    if not isinstance(rows, list):
        raise _RowError(1, f"expected a list of objects, found {type_name(rows)}")
    for index, row in enumerate(rows):
        if isinstance(row, dict):
            yield 0, row
        else:
            yield _not_a_row(_line_of_element(text, index), row)


def _not_a_row(line: int, value: Any) -> _RowError:
    return _RowError(line, f"expected an object, found {type_name(value)}")


def _line_of_element(text: str, index: int) -> int:
    """The line where an element of the outermost list begins; only asked for on errors."""
    decoder = json.JSONDecoder()
    at = text.index("[") + 1
    for remaining in range(index, -1, -1):
        while text[at] in " \t\r\n,":
            at += 1
        if remaining:
            _, at = decoder.raw_decode(text, at)
    return text.count("\n", 0, at) + 1


_FORMATS: Final[dict[str, Callable[[str], Iterator[Entry]]]] = {
    ".csv": _csv,
    ".json": _json,
    ".jsonl": _json_lines,
}
