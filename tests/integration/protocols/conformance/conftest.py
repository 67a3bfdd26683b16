"""One way to put a client through a scripted response, whatever the client is.

`CLIENTS` of tests/helpers names the clients that must pass: whoever implements the engine's
`HttpClient` port is added there, and goes through every row.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import psutil
import pytest

from tests.helpers.clients import CLIENTS
from tests.helpers.waiting import GENEROUS_S, SOON_S
from wedload.clock import MonotonicClock
from wedload.protocols.http.tls import client_context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

#: where a client legitimately differs: client -> broken response -> the body that it reads in it
DIFFERENT: Final[dict[str, dict[str, bytes]]] = {
    "wire": {},
    "aiohttp": {
        # it has llhttp be lenient: spaces before a colon, and a line's end without its CR
        "space before the colon": b"hello",
        "a chunk shorter than its size": b"hello\r",
    },
}

MAX_BYTES = 1_000_000
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"
MOST_PIECES = 400  # of an answer that is sent in small pieces


@pytest.fixture(params=CLIENTS)
async def talk(request, talk_with, files) -> AsyncIterator[Any]:
    """A client of each kind, which trusts the tests' authority."""
    pool = CLIENTS[request.param](MonotonicClock(), client_context(ca=str(files / "ca.pem")))
    yield talk_with(pool)
    await pool.close()


async def perform(peer: Any, script: Any, *, in_pieces: bool) -> bool:
    """Do what a script says; whether its connection is to go on."""
    for act in (script,) if isinstance(script, bytes) else script:
        if act == "close":
            return False
        if act == "reset":
            await let_it_be_read()
            peer.reset()
            return False
        if act == "silence":
            await peer.gone()
        elif isinstance(act, list):
            while not (peer.writer.is_closing() or peer.reader.at_eof()):
                await peer.send(act[0])
                await asyncio.sleep(0)  # over TLS, sending alone gives nobody a turn
            return False
        elif isinstance(act, bytes) and in_pieces:
            await peer.send_in_pieces(act, max(1, len(act) // MOST_PIECES))
        elif isinstance(act, bytes):
            await peer.send(act)
    return True


async def let_it_be_read() -> None:
    """Give the client a few turns: a reset takes away what it has not read."""
    for _ in range(5):
        await asyncio.sleep(0)


async def require_no_socket_left(talk: Any, server: Any, before: int) -> None:
    """Close the client; no connection and no descriptor may be left on either side."""
    talk.client.close()
    await server.all_ended()
    process = psutil.Process()
    async with asyncio.timeout(GENEROUS_S):
        while process.num_fds() > before:
            await asyncio.sleep(0.002)


@pytest.fixture
def differing(request) -> Any:
    """What is expected of the client under test in this row, if it differs; else None."""
    return DIFFERENT[request.node.callspec.params["talk"]].get(request.node.callspec.params["row"])


@pytest.fixture
def conforms(talk, serve, server_context, adds_up) -> Callable[..., Awaitable[None]]:
    """Ask twice for a legal answer, and compare what the client made of it."""

    async def run(
        script: Any,
        *,
        in_pieces: bool,
        tls: bool = False,
        method: str = "GET",
        status: int = 200,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        keeps: bool = True,
    ) -> None:
        async def play(peer: Any) -> None:
            while await peer.request() is not None:
                if not await perform(peer, script, in_pieces=in_pieces):
                    return

        server = await serve(play, tls=server_context() if tls else None)
        before = psutil.Process().num_fds()
        for _ in range(2):
            response = await talk(server, method=method, max_bytes=MAX_BYTES)
            assert (response.outcome, response.problem) == ("ok", None)
            assert (response.status, response.body) == (status, body)
            if headers is not None:
                assert response.headers == headers
            adds_up(response)
        assert server.connections == (1 if keeps else 2)
        assert len(server.requests) == 2
        await require_no_socket_left(talk, server, before)
        assert response.received_bytes * 2 == server.sent_bytes

    return run


@pytest.fixture
def fails(talk, differing, serve, server_context, adds_up) -> Callable[..., Awaitable[None]]:
    """Ask once for a broken answer, then for one that is fine."""

    async def run(script: Any, outcome: str, *, in_pieces: bool = False, tls: bool = False) -> None:
        async def play(peer: Any) -> None:
            at_once = script[0] == "at once"
            if peer.server.connections > 1:
                while await peer.request() is not None:
                    await peer.send(FINE)
                return
            if not at_once:
                await peer.request()
            if await perform(peer, script[at_once:], in_pieces=in_pieces):
                await peer.gone()

        server = await serve(play, tls=server_context() if tls else None)
        before = psutil.Process().num_fds()
        patience_s = SOON_S if outcome == "timeout" else GENEROUS_S
        response = await talk(server, timeout_s=patience_s, max_bytes=MAX_BYTES)
        if differing is not None:
            assert (response.outcome, response.body) == ("ok", differing)
            return
        assert response.outcome == outcome
        assert response.problem
        assert response.body == b""
        adds_up(response)
        following = await talk(server, max_bytes=MAX_BYTES)
        assert (following.outcome, following.body) == ("ok", b"fine")
        assert server.connections == 2  # and nothing was sent twice
        await require_no_socket_left(talk, server, before)

    return run
