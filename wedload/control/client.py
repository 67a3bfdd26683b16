"""The other side: requests to runs, and their answers."""

from __future__ import annotations

import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.control.folder import connected
from wedload.errors import UsageError, WedloadError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TIMEOUT_S: Final = 10.0
_AT_ONCE: Final = 32
_LONGEST_BYTES: Final = 4_000_000  # of an answer; a status names every row and scenario


class NoAnswerError(WedloadError):
    """A run that is there and says nothing; `pid` is its process, if the system tells."""

    def __init__(self, run_id: str, pid: int | None) -> None:
        what = f"the run {run_id} does not answer"
        self.pid = pid
        if pid is None:
            super().__init__(f"{what}; it may be ending")
            return
        super().__init__(
            f"{what} (pid {pid}); it may be ending",
            f"if it goes on: kill {pid}, and if that does not help: kill -9 {pid}; its load "
            "processes end with it",
        )


def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Send a request to a run's socket.

    Raises:
        UsageError: the run refuses it, and says why.
        NoAnswerError: it does not answer.
        WedloadError: the run is gone.
    """
    with connected(path, _TIMEOUT_S) as connection:
        pid = _pid(connection)
        try:
            connection.sendall(orjson.dumps(request) + b"\n")
            with connection.makefile("rb") as answers:
                line = answers.readline(_LONGEST_BYTES)
            answer = orjson.loads(line)
        except (OSError, orjson.JSONDecodeError):
            raise NoAnswerError(path.stem, pid) from None
    if not isinstance(answer, dict):
        raise NoAnswerError(path.stem, pid)
    if "error" in answer:
        raise UsageError(answer["error"], answer.get("hint"))
    return answer


def ask_all(
    paths: Iterable[Path], request: dict[str, Any]
) -> list[tuple[str, dict[str, Any] | WedloadError]]:
    """Send a request to several runs at the same time: what each answered, or why it did not."""

    def one(path: Path) -> tuple[str, dict[str, Any] | WedloadError]:
        try:
            return path.stem, ask(path, request)
        except WedloadError as error:
            return path.stem, error

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(one, paths))


def _pid(connection: socket.socket) -> int | None:
    """The process at the other end: unix(7), SO_PEERCRED; None where there is no such thing."""
    if not hasattr(socket, "SO_PEERCRED"):
        return None
    found = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid: int = struct.unpack("3i", found)[0]
    return pid or None  # 0: it is in another PID namespace
