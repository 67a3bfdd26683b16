"""Has the journals of a run written to the disk once a second, whoever appends to them.

What is appended is the kernel's at once and survives its process; only a loss of power takes it.
The coordinator sees to that: with a thread of its own each system call and allocation of a load
process would cost more, as libc locks and the kernel counts references where there are threads.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Final

from wedload.safety.journal.records import COUNT_SUFFIX, SUFFIX

_EACH_S: Final = 1.0
_SUFFIXES: Final = frozenset({SUFFIX, COUNT_SUFFIX})


class WrittenOften:
    """A thread that has all files of a folder written to the disk, until it is stopped."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._often, name="journals", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Return when the thread has ended."""
        self._stopping.set()
        self._thread.join()

    def _often(self) -> None:
        while not self._stopping.wait(_EACH_S):
            write_all(self._folder)


def write_all(folder: str) -> int:
    """Have what is in the journals of a folder on the disk; how many they are."""
    try:
        return sum(_write(path) for path in Path(folder).iterdir() if path.suffix in _SUFFIXES)
    except OSError:  # the folder cannot be listed, for now or any more
        return 0


def _write(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:  # it is gone, or there is no descriptor left: the kernel has its records still
        return False
    try:
        os.fdatasync(descriptor)
    except OSError:  # a disk that fails; likewise
        return False
    finally:
        os.close(descriptor)
    return True
