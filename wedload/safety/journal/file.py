"""A journal's file: appended to by one process, which may end at any instruction.

Records are written by write(2): from then on they are the kernel's, whatever becomes of the
process. Where there is an event loop, those of one turn are written together at its end, which
costs a tenth of writing each; what was appended in the turn in which the process is killed is not
there.

Space is reserved before it is needed, so that no full disk is met in the middle of it. Behind the
last record are NUL bytes, until a proper end cuts them off. A record holds no NUL and ends with a
newline, so one that was cut off shows: there is still a NUL in it, or it has no newline.

What the kernel has is lost with the power: wedload.safety.journal.disk has it written to the disk.
Filesystems that reserve no space (some of FUSE) meet a full disk when they are written to.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from wedload.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Callable

#: what is reserved at a time: a fraction of a second of the fastest load, and some µs of work
STEP: Final = 1 << 20
#: so much is free when something is begun, for the outcomes of all that is under way
AHEAD: Final = 1 << 18
#: no record is longer
LONGEST: Final = 1 << 19
#: of a filesystem that reserves nothing (where libc does not write zeros instead, as glibc does)
_NEVER: Final = frozenset({errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL})


class JournalFile:
    """A file that this process alone appends to, for as long as it lives (flock)."""

    def __init__(self, path: str, descriptor: int, end: int) -> None:
        """Of an open and locked file; see `create` and `reopen`."""
        self.path = path
        self._descriptor = descriptor
        self._written = end  # end of the last record that the kernel has
        self._lines: list[bytes] = []  # records that it does not have yet …
        self._waiting = 0  # … and their bytes
        self._soon: Callable[[Callable[[], None]], object] | None = None
        self._is_soon = False  # whether they are to be written soon
        self._reserved = end
        self._reserves = True  # or cannot, on this filesystem
        self._failed: JournalError | None = None  # why the last records could not be written
        self._reserve(STEP)

    # --- the hot path -----------------------------------------------------------------------

    def make_room(self) -> None:
        """Have room for the outcomes of all that is under way, before something is begun.

        Raises:
            JournalError: there is none.
        """
        if self._failed is not None:
            raise self._failed
        if self._reserves and self._reserved - self._written - self._waiting < AHEAD:
            self._reserve(STEP)

    def append(self, line: bytes) -> None:
        """Append a record, a line; whole or not at all, if the process lives on.

        Raises:
            JournalError: it is too long; or there is no room for it, if it is written at once.
        """
        size = len(line)
        if size > LONGEST:
            raise JournalError(f"{self.path}: a record of {size:,} bytes is too long")
        self._lines.append(line)
        self._waiting += size
        if self._soon is None:
            self.write()
        elif not self._is_soon:
            self._is_soon = True
            self._soon(self._write_as_said)

    # --- now and then -----------------------------------------------------------------------

    @property
    def end(self) -> int:
        """Bytes of all records."""
        return self._written + self._waiting

    def write_soon(self, soon: Callable[[Callable[[], None]], object]) -> None:
        """From now on write what is appended when this says so: an event loop's `call_soon`.

        What there is no room for then is left out, and `make_room` says so from there on.
        """
        self._soon = soon

    def write_at_once(self) -> None:
        """From now on write what is appended before `append` returns."""
        self._soon = None
        with suppress(JournalError):  # it is said when something is to begin
            self.write()

    def write(self) -> None:
        """Give the kernel what was appended.

        Raises:
            JournalError: there is no room for it. It is left out.
        """
        content = b"".join(self._lines)
        self._lines, self._waiting = [], 0
        end = self._written + len(content)
        try:
            if end > self._reserved and self._reserves:
                self._reserve(max(STEP, len(content)))
            self._write(content)
        except JournalError as error:
            self._failed = error
            raise
        self._written, self._failed = end, None

    def sync(self) -> None:
        """Have it written to the disk now; returns when it is."""
        self.write()
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Cut off what is behind the last record, and have all of it on the disk."""
        with suppress(JournalError):
            self.write()
        os.ftruncate(self._descriptor, self._written)
        os.fsync(self._descriptor)
        os.close(self._descriptor)

    def _write_as_said(self) -> None:
        self._is_soon = False
        with suppress(JournalError):  # it is said when something is to begin
            self.write()

    def _write(self, content: bytes) -> None:
        at, rest = self._written, content
        while rest:
            try:
                count = os.pwrite(self._descriptor, rest, at)
            except OSError as error:
                os.ftruncate(self._descriptor, self._written)  # nothing, rather than half of it
                self._reserved = self._written
                raise self._no_room(error) from None
            at += count
            rest = rest[count:]

    def _reserve(self, size: int) -> None:
        """Reserve so much more; raises JournalError, and nothing has changed then."""
        begin = max(self.end, self._reserved)
        try:
            os.posix_fallocate(self._descriptor, begin, size)
        except OSError as error:
            if error.errno not in _NEVER:
                raise self._no_room(error) from None
            self._reserves = False
            return
        self._reserved = begin + size

    def _no_room(self, error: OSError) -> JournalError:
        return JournalError(
            f"{self.path}: the clean-up journal cannot grow: {error.strerror}",
            "make room on that disk: without a journal nothing is created",
        )


def create(path: str) -> JournalFile:
    """A new file, for its owner alone.

    Raises:
        JournalError: it is there already, or cannot be made.
    """
    return _opened(path, os.O_CREAT | os.O_EXCL)


def reopen(path: str) -> JournalFile:
    """A file that a process which is gone has left, to be gone on with behind its last record.

    Raises:
        JournalError: that process is not gone, or the file cannot be opened.
    """
    return _opened(path, 0)


def _opened(path: str, flags: int) -> JournalFile:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | flags, 0o600)
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        end = _end_of_records(descriptor)
        os.ftruncate(descriptor, end)
        return JournalFile(path, descriptor, end)
    except BlockingIOError:
        os.close(descriptor)
        hint = "its run goes on, or somebody cleans up after it already"
        raise JournalError(f"{path}: another process writes it", hint) from None
    except BaseException:
        os.close(descriptor)
        raise


def _end_of_records(descriptor: int) -> int:
    """Where the last whole record ends; 0 if there is none."""
    size = os.fstat(descriptor).st_size
    if not size:
        return 0
    with mmap.mmap(descriptor, size, access=mmap.ACCESS_READ) as content:
        end = content.rfind(b"\n") + 1
        while end:
            begin = content.rfind(b"\n", 0, end - 1) + 1
            if content.find(b"\0", begin, end) < 0:
                break
            end = begin  # its copy was cut off when its newline was there already
    return end


def is_written(path: str) -> bool:
    """Whether some process still has a file open to append to it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
