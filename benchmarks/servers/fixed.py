"""The fastest server that asyncio makes easy: a fixed JSON answer to whatever arrives.

`python -m benchmarks.servers.fixed` prints its port and answers until its input ends. It never
sleeps: waking it would take the client's time, and more of it the slower the client is, which no
target on another machine does.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop

_BODY = b'{"id":"4f1c0d6e","status":"submitted","journey_triggered":true}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(_BODY),
    _BODY,
)


class _Answering(asyncio.Protocol):
    """Answers each read: the clients here send one request at a time, in one piece."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - whatever it is
        self._transport.write(_ANSWER)


async def _serve() -> None:
    loop = asyncio.get_running_loop()

    def stay_awake() -> None:
        loop.call_soon(stay_awake)

    stay_awake()
    server = await loop.create_server(_Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    uvloop.run(_serve())
