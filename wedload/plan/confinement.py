"""Which files a plan may name: those in its own folder or below, and in folders that are allowed.

A plan comes from anywhere – a pull request, a colleague's mail – and is run with the rights of
whoever runs it. So every file that it names goes through `Folders`, the only place that opens one:
symbolic links are followed before a path is judged, and what is no plain file, or is larger than
anybody meant, is refused before it is read.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wedload.units import format_size

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable

    from wedload.plan.draft import Draft
    from wedload.plan.positions import Path as KeyPath

_ALLOW: Final = "--allow-files"
_KINDS: Final = (
    (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)  # fmt: skip


class FileRefusedError(ValueError):
    """A plan names what it may not read, or what is no file; says why, and what helps."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Folders:
    """The folder of a plan, and those whose files it may name as well."""

    base: Path  # the plan's own, as it was called
    open_to: tuple[Path, ...]  # that and the others as they really are, symbolic links followed

    @staticmethod
    def of(base: Path, allowed: Iterable[Path] = ()) -> Folders:
        """The plan's own folder and those that are allowed."""
        return Folders(base, tuple(Path(os.path.realpath(one)) for one in (base, *allowed)))

    def place(self, name: str) -> Path:
        """Where a file is that the plan names, symbolic links followed; nothing is opened.

        What is to be opened by others, such as the files of TLS, is named to them so.

        Raises:
            FileRefusedError: it lies elsewhere, or is no plain file. One that is not there is left
                to whoever opens it.
        """
        place = self._within(name)
        with suppress(OSError):
            _require_plain(name, place.stat().st_mode)
        return place

    def _within(self, name: str) -> Path:
        try:
            place = Path(os.path.realpath(self.base / name))
        except ValueError as error:  # NUL
            raise FileRefusedError(f'"{name}" is not the path of a file: {error}') from None
        if not any(place.is_relative_to(one) for one in self.open_to):
            written = os.path.normpath(self.open_to[0] / name)
            led = "" if written == str(place) else f": it leads to {place}"
            raise FileRefusedError(
                f'"{name}" lies outside of the plan\'s folder{led}',
                f"put it below {self.open_to[0]}, or allow its folder: {_ALLOW} {place.parent}",
            )
        return place

    def open(self, name: str, *, most_bytes: int) -> io.BufferedReader:
        """A file to read; it is never waited for.

        Raises:
            FileRefusedError: it lies elsewhere, is no plain file, or is too large.
            OSError: it cannot be opened.
        """
        place = self._within(name)
        _require_plain(name, place.stat().st_mode)  # opening a device may do something already
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW
        opened = open(os.open(place, flags), "rb")  # noqa: PTH123, SIM115 - a descriptor; returned
        try:
            found = os.fstat(opened.fileno())
            _require_plain(name, found.st_mode)  # it may have been replaced in between
            _require_size(name, found.st_size, most_bytes)
        except BaseException:
            opened.close()
            raise
        return opened

    def read(self, name: str, *, most_bytes: int) -> bytes:
        """What a file holds; raises as `open` does."""
        with self.open(name, most_bytes=most_bytes) as opened:
            return read_whole(opened, name, most_bytes=most_bytes)


def read_whole(opened: io.BufferedReader, name: str, *, most_bytes: int) -> bytes:
    """What a file that `Folders` opened holds.

    Raises:
        FileRefusedError: it has grown since, or did not tell its size, and is too large.
    """
    content = opened.read(most_bytes + 1)
    _require_size(name, len(content), most_bytes)
    return content


def _require_plain(name: str, mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    for is_kind, kind in _KINDS:
        if is_kind(mode):
            raise FileRefusedError(f'"{name}" is {kind}, and not a file')


def _require_size(name: str, size_bytes: int, most_bytes: int) -> None:
    if size_bytes > most_bytes:
        size, most = format_size(size_bytes), format_size(most_bytes)
        raise FileRefusedError(f'"{name}" has {size}, and {most} are the most that is read')


def report_unreadable(
    draft: Draft, path: KeyPath, name: str, error: OSError | FileRefusedError
) -> None:
    """Say where a plan names a file why that cannot be read."""
    if isinstance(error, FileRefusedError):
        draft.report(path, str(error), error.hint)
    else:
        draft.report(
            path,
            f'"{name}" cannot be read: {error.strerror or error}',
            f"files are looked for beside the plan: {draft.folders.base / name}",
        )
