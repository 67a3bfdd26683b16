"""A journal's file: appended to by one process, which may end at any instruction.

The file is mapped into memory and its space is reserved before it is needed, so that a record is
appended by a copy within memory: at once it is the kernel's, whatever becomes of the process, and
no full disk is met in the middle of it. Behind the last record are NUL bytes, until a proper end
cuts them off. A record holds no NUL and ends with a newline, so a copy that was cut off – in
whatever order its bytes were stored – shows: there is still a NUL in it, or it has no newline.

What the kernel has is lost with the power: wedload.safety.journal.disk has it written to the disk.
Filesystems that map no files for writing (some of FUSE, 9p) or reserve no space get the same
records by write(2).
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
from typing import Final

from wedload.errors import JournalError

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
        self._map: mmap.mmap | None = None  # of the end of the file; what is before it …
        self._base = 0  # … ends here
        self._at = end  # end of the last record, from there
        self._room = 0  # end of what is reserved, likewise
        self._written = False  # by write(2), as it cannot be mapped
        self._reserve(STEP)

    # --- the hot path -----------------------------------------------------------------------

    def make_room(self) -> None:
        """Have room for the outcomes of all that is under way, before something is begun.

        Raises:
            JournalError: there is none.
        """
        if self._room - self._at < AHEAD and not self._written:
            self._reserve(STEP)

    def append(self, line: bytes) -> None:
        """Append a record, a line; whole or not at all, if the process lives on.

        Raises:
            JournalError: there is no room for it, or it is too long.
        """
        end = self._at + len(line)
        mapped = self._map
        if end > self._room or mapped is None:
            self._append_slowly(line)
            return
        mapped[self._at : end] = line
        self._at = end

    # --- now and then -----------------------------------------------------------------------

    @property
    def end(self) -> int:
        """Bytes of all records."""
        return self._base + self._at

    def sync(self) -> None:
        """Have it written to the disk now; returns when it is."""
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Cut off what is behind the last record, and have all of it on the disk."""
        if self._map is not None:
            self._map.close()
            self._map = None
        os.ftruncate(self._descriptor, self.end)
        os.fsync(self._descriptor)
        os.close(self._descriptor)

    def _append_slowly(self, line: bytes) -> None:
        if len(line) > LONGEST:
            raise JournalError(f"{self.path}: a record of {len(line):,} bytes is too long")
        if not self._written:
            self._reserve(STEP)  # longer than any record
            self.append(line)
            return
        rest = line
        while rest:
            try:
                rest = rest[os.pwrite(self._descriptor, rest, self.end + len(line) - len(rest)) :]
            except OSError as error:
                os.ftruncate(self._descriptor, self.end)  # nothing, rather than half of it
                raise self._no_room(error) from None
        self._at += len(line)

    def _reserve(self, size: int) -> None:
        """Reserve and map so much more; raises JournalError, and nothing has changed then."""
        end, reserved = self.end, self._base + self._room
        begin = max(end, reserved)
        try:
            os.posix_fallocate(self._descriptor, begin, size)
        except OSError as error:
            if error.errno not in _NEVER:
                raise self._no_room(error) from None
            self._written = True
            return
        if self._map is not None:
            self._map.close()
            self._map = None
        # of what is behind us nothing stays mapped: it would count as this process's memory
        self._base = end - end % mmap.ALLOCATIONGRANULARITY
        self._at, self._room = end - self._base, begin + size - self._base
        try:
            self._map = mmap.mmap(self._descriptor, self._room, offset=self._base)
        except OSError:
            # not on this filesystem, or not enough address space: the slower way then
            os.ftruncate(self._descriptor, end)
            self._written = True

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
