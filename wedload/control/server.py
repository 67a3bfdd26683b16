"""The run's side: a socket that takes requests as long as the run lasts."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.control.folder import (
    make_control_folder,
    remove_dead_sockets,
    short_address,
    socket_of,
)
from wedload.safety.redactor import KNOWN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

_LONGEST_BYTES: Final = 64_000
_PATIENCE_S: Final = 5.0  # with somebody who connects and says nothing


@asynccontextmanager
async def control_socket(
    run_id: str, obey: Callable[[dict[str, Any]], dict[str, Any]]
) -> AsyncIterator[Path]:
    """A run's socket; every request that arrives is answered by what `obey` gives.

    Raises:
        OSError: no socket can be made.
    """
    folder = make_control_folder()
    remove_dead_sockets(folder)
    path = socket_of(folder, run_id)
    listening = socket.socket(socket.AF_UNIX)
    try:
        with short_address(path) as address:
            listening.bind(address)
        path.chmod(0o600)
        listening.setblocking(False)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(TimeoutError, ValueError, ConnectionError):
                async with asyncio.timeout(_PATIENCE_S):
                    line = await reader.readline()
                    writer.write(orjson.dumps(_answer(line, obey)) + b"\n")
                    await writer.drain()
            writer.close()

        server = await asyncio.start_unix_server(serve, sock=listening, limit=_LONGEST_BYTES)
        try:
            yield path
        finally:
            server.close()
    finally:
        listening.close()
        path.unlink(missing_ok=True)
        with suppress(OSError):  # other runs have theirs in there
            folder.rmdir()


def _answer(line: bytes, obey: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    try:
        request = orjson.loads(line)
    except orjson.JSONDecodeError:
        return {"error": "the request is not JSON"}
    if not isinstance(request, dict):
        return {"error": "the request is not a JSON object"}
    answer: dict[str, Any] = KNOWN.document(obey(request))
    return answer
