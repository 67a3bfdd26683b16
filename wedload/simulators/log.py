"""The log of a simulated third party: a file with a line of JSON for each attempt.

Lines are kept until they are flushed, by number or by whoever minds the time. If the file cannot be
written to, that is told once; what follows is not logged, and the run goes on.
"""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.simulators.attempt import Attempt

#: how a log begins; a file that begins otherwise is somebody's, whatever a plan says
_BEGIN: Final = b'{"dependency":'
_MOST_LINES: Final = 1_000  # that are kept; some 300 kB


class AttemptLog:
    """One file. It is begun anew; several dependencies may share one, as lines are whole."""

    def __init__(self, path: str, *, epoch_ns: int, warn: Callable[[str], None]) -> None:
        """`epoch_ns`: Unix time of the instant 0 of attempts.

        Raises:
            OSError: the file cannot be opened, or is there already and no log.
        """
        _require_log(path)
        self._path = path
        self._epoch_ns = epoch_ns
        self._warn = warn
        self._lines: list[bytes] = []
        self.lost = 0  # lines that could not be written
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC | os.O_CLOEXEC
        flags |= os.O_NONBLOCK  # a pipe that nobody reads is an error, not a wait
        self._file: int | None = os.open(path, flags, 0o600)

    def add(self, attempt: Attempt) -> None:
        """Note an attempt."""
        if self._file is None:
            self.lost += 1
            return
        self._lines.append(orjson.dumps(self._shown(attempt), option=orjson.OPT_APPEND_NEWLINE))
        if len(self._lines) >= _MOST_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what is kept."""
        if not self._lines or self._file is None:
            return
        data, number = memoryview(b"".join(self._lines)), len(self._lines)
        self._lines.clear()
        try:
            while data:  # a disk that is nearly full takes a part
                data = data[os.write(self._file, data) :]
        except OSError as error:
            self.lost += number
            self._release()
            self._warn(
                f"the log {self._path} cannot be written to: {error.strerror or error};"
                " requests from here on are not in it"
            )

    def close(self) -> None:
        """Write what is kept, and end."""
        self.flush()
        self._release()

    def _release(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                os.close(file)
            except OSError as error:  # a network's file system may tell only now
                self._warn(f"the log {self._path} may not be whole: {error.strerror or error}")

    def _shown(self, attempt: Attempt) -> dict[str, Any]:
        waits = attempt.retry_after_ns
        return {
            "dependency": attempt.dependency,
            "endpoint": attempt.endpoint,
            "operation": attempt.operation,
            "at_unix_ms": (self._epoch_ns + attempt.arrived_ns) / NS_PER_MS,
            "duration_ms": (attempt.ended_ns - attempt.arrived_ns) / NS_PER_MS,
            "drawn_ms": attempt.drawn_ns / NS_PER_MS,
            "outcome": attempt.outcome,
            "status": attempt.status,
            "retry_after_ms": None if waits is None else waits / NS_PER_MS,
            "done": attempt.done,
            "faults": list(attempt.faults),
        }


def _require_log(path: str) -> None:
    """Pass if there is nothing yet that would be lost.

    Raises:
        FileExistsError: there is.
    """
    with suppress(FileNotFoundError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return
            head = os.read(descriptor, len(_BEGIN))
        finally:
            os.close(descriptor)
        if head and head != _BEGIN:
            raise FileExistsError(errno.EEXIST, "is there already, and is no log", path)
