"""The other side: one request to a run, and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.control.folder import connected
from wedload.errors import UsageError, WedloadError

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT_S: Final = 10.0


def ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Send a request to a run's socket.

    Raises:
        UsageError: the run refuses it, and says why.
        WedloadError: the run is gone, or does not answer.
    """
    with connected(path, _TIMEOUT_S) as connection:
        try:
            connection.sendall(orjson.dumps(request) + b"\n")
            with connection.makefile("rb") as answers:
                line = answers.readline()
            answer = orjson.loads(line)
        except (OSError, orjson.JSONDecodeError):
            raise WedloadError(f"the run {path.stem} does not answer; it may be ending") from None
    if "error" in answer:
        raise UsageError(answer["error"], answer.get("hint"))
    found: dict[str, Any] = answer
    return found
