"""How many intents a load process has told: one number, which outlives the process.

It stands in a file of its own that is mapped into memory: to tell an intent is to store a number,
in the same place each time. What is mapped is the kernel's, whatever becomes of the process. Where
a filesystem maps no files for writing (some of FUSE, 9p), it is written by write(2).
"""

from __future__ import annotations

import mmap
import os
import stat
import struct
from typing import Final

from wedload.errors import JournalError

_FORMAT: Final = "=q"
_SIZE: Final = struct.calcsize(_FORMAT)


class IntentCount:
    """The number of one load process."""

    def __init__(self, path: str) -> None:
        """Make its file, for its owner alone, and with space on the disk.

        Raises:
            JournalError: it is there already, or cannot be made.
        """
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        self._view: memoryview | None = None
        self._map: mmap.mmap | None = None
        try:
            self._descriptor = os.open(path, flags, 0o600)
            # not only a hole that the first store is to fill: that would end the process
            os.pwrite(self._descriptor, bytes(_SIZE), 0)
            os.fsync(self._descriptor)
        except OSError as error:
            raise JournalError(f"{path}: {error.strerror}") from None
        try:
            self._map = mmap.mmap(self._descriptor, _SIZE)
            self._view = memoryview(self._map).cast("q")
        except OSError:  # not on this filesystem, or not enough address space: the slower way then
            self._view = None

    def tell(self, number: int) -> None:
        """So many there are now."""
        view = self._view
        if view is not None:
            view[0] = number
        else:
            os.pwrite(self._descriptor, struct.pack(_FORMAT, number), 0)

    def close(self) -> None:
        """There are no more."""
        if self._view is not None:
            self._view.release()
        if self._map is not None:
            self._map.close()
        os.close(self._descriptor)


def read_count(path: str) -> int:
    """How many there were; 0 if nobody has said.

    Raises:
        JournalError: this is no such file, or not its owner's alone.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from None
    try:
        mode = os.fstat(descriptor).st_mode
        content = os.pread(descriptor, _SIZE + 1, 0) if stat.S_ISREG(mode) else b""
    finally:
        os.close(descriptor)
    if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise JournalError(f"{path}: this is not its owner's alone, as the journals of runs are")
    if not content:  # the process ended before it could say
        return 0
    number = struct.unpack(_FORMAT, content)[0] if len(content) == _SIZE else -1
    if number < 0:
        raise JournalError(f"{path}: this is no count of a clean-up journal")
    return int(number)
