"""The records of a journal's file, as its process left them: perhaps in the middle of a word.

A process that is killed leaves NUL bytes behind its last record, or in it. A machine that loses its
power may leave them anywhere, as blocks reach the disk in any order; what stands behind such a hole
is as good as what stands before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from wedload.errors import JournalError
from wedload.safety.journal.records import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator


class Line(NamedTuple):
    """A record and where it stands."""

    offset: int  # byte of the file
    number: int  # of the line, from 1
    record: dict[str, Any]


def read_lines(path: str, kind: str) -> Iterator[Line]:
    """The records behind the first one, which says what the file is; none if it was not written.

    Raises:
        JournalError: this is no journal, or one of another version.
    """
    lines = _whole_lines(path)
    head = next(lines, None)
    if head is None:
        return
    _require_head(path, head, kind)
    yield from lines


def _whole_lines(path: str) -> Iterator[Line]:
    offset = 0
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - see wedload.safety.journal.file
            for number, line in enumerate(file, start=1):
                begin = line.rfind(b"\0") + 1
                record = _record(line[begin:])
                if record is not None:
                    yield Line(offset + begin, number, record)
                elif not begin and line.endswith(b"\n"):
                    raise JournalError(
                        f"{path}:{number}: this is no record of a clean-up journal",
                        "who but wedload has written to it? delete by hand what the run left",
                    )
                offset += len(line)
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from None


def _record(line: bytes) -> dict[str, Any] | None:
    """None: no record, or one without its beginning or its end, which are never JSON."""
    if not line.endswith(b"\n"):
        return None
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return record if isinstance(record, dict) else None


def _require_head(path: str, line: Line, kind: str) -> None:
    head = line.record
    if head.get("wedload") != "journal" or not isinstance(head.get("version"), int):
        raise JournalError(f"{path}:{line.number}: this is no clean-up journal of wedload")
    if head["version"] != VERSION:
        raise JournalError(
            f"{path}:{line.number}: this journal is of version {head['version']}, and this wedload "
            f"reads version {VERSION}",
            "clean up with the version of wedload that ran the plan",
        )
    if head.get("kind") != kind:
        raise JournalError(f"{path}:{line.number}: this is the journal of something else")
