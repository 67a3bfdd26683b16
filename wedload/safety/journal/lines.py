"""The records of a journal's file, as its process left them: perhaps in the middle of a word.

A process that is killed leaves NUL bytes behind its last record, or in it. A machine that loses its
power may leave them anywhere, as blocks reach the disk in any order; what stands behind such a hole
is as good as what stands before it.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

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
        JournalError: this is no journal, or one of another version, or not its owner's alone.
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
        with _opened(path) as file:
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


def _opened(path: str) -> BinaryIO:
    """The file, if it is as wedload makes one.

    A journal says what plan to go on with, in which folder. One that came with other files – of a
    repository, of an archive – is not of a run of one's own, and its mode says so.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    file = open(os.open(path, flags), "rb")  # noqa: PTH123, SIM115 - see wedload.safety.journal.file
    mode = os.fstat(file.fileno()).st_mode
    if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
        file.close()
        raise JournalError(
            f"{path}: this is not its owner's alone, as the journals of runs are",
            f"if it is of a run of yours: chmod -R go= {os.path.dirname(path)}",  # noqa: PTH120
        )
    return file


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
