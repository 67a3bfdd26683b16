"""A server on loopback that plays scripted bytes and counts, and clients to talk to it.

Every test here runs twice: on uvloop, as load processes do, and on asyncio's own event loop.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
import uvloop

from tests.helpers.clients import CLIENTS
from tests.helpers.waiting import GENEROUS_S
from wedload.clock import MonotonicClock
from wedload.engine.engine import Engine
from wedload.metrics.summary import Summary
from wedload.plan.loader import parse_plan
from wedload.protocols.aiohttp.client import AiohttpClient
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import Settings
from wedload.workload.request import Origin, Request, StreamedBody
from wedload.workload.segment import Segment

if TYPE_CHECKING:
    from wedload.protocols.aiohttp.pool import AiohttpPool
    from wedload.protocols.http.client import WireClient
    from wedload.protocols.http.pool import WirePool
    from wedload.protocols.http.response import Response


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


class Peer:
    """The server's end of one connection."""

    def __init__(
        self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server, self.reader, self.writer = server, reader, writer

    async def request(self) -> bytes | None:
        """The next request, whole; None when the client is gone."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            body = await self.reader.readexactly(int(length[1])) if length else b""
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        self.server.requests.append(head + body)
        self.server.received_bytes += len(head) + len(body)
        return head + body

    async def send(self, data: bytes) -> None:
        if self.writer.is_closing():
            raise ConnectionResetError("the client has gone")  # uvloop would call it a RuntimeError
        self.server.sent_bytes += len(data)
        self.writer.write(data)
        await self.writer.drain()

    async def send_in_pieces(self, data: bytes, size: int = 1) -> None:
        """Give the client a turn of the loop after each piece."""
        for at in range(0, len(data), size):
            await self.send(data[at : at + size])
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    async def gone(self) -> None:
        """Return when the client has closed its end."""
        try:
            while await self.reader.read(65_536):
                pass
        except ConnectionError:
            pass

    def reset(self) -> None:
        """Close with an RST instead of a FIN."""
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.writer.transport.abort()


Play = Callable[[Peer], Awaitable[None]]


class Server:
    """Plays a script to each connection, closes it at the script's end, and counts."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.scheme = "http"
        self.connections = 0
        self.ended = 0  # connections that are over
        self.requests: list[bytes] = []
        self.received_bytes = 0
        self.sent_bytes = 0

    async def start(self, tls: ssl.SSLContext | None, receive_buffer: int | None) -> None:
        listening = socket.socket()
        if receive_buffer is not None:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        listening.bind(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self.scheme = "http" if tls is None else "https"
        self._server = await asyncio.start_server(self._accept, sock=listening, ssl=tls)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        mistakes = [r for r in results if isinstance(r, Exception)]
        assert not mistakes, mistakes

    async def all_ended(self) -> None:
        """Return when no connection is open any more."""
        async with asyncio.timeout(GENEROUS_S):
            while self.ended < self.connections:
                await asyncio.sleep(0.002)

    def origin(self, host: str = "127.0.0.1") -> Origin:
        return Origin(self.scheme, host, self.port)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._play(Peer(self, reader, writer))
        except ConnectionError:
            pass  # the client has gone while we were sending
        finally:
            self.ended += 1
            writer.close()
            try:
                await asyncio.wait_for(writer.wait_closed(), 1)
            except (OSError, TimeoutError):
                writer.transport.abort()


class Talk:
    """Sends requests as a virtual user would."""

    def __init__(self, pool: WirePool | AiohttpPool) -> None:
        self.pool = pool
        self.client: WireClient | AiohttpClient = pool.client()

    @property
    def connected(self) -> bool:
        """Whether its client has a connection that it would use."""
        if isinstance(self.client, AiohttpClient):
            return any(one.is_connected() for one in self.client._last.values())
        return any(one.usable for one in self.client._connections.values())

    async def __call__(
        self,
        where: Server | Origin,
        *,
        method: str = "GET",
        target: bytes = b"/",
        body: bytes | StreamedBody | None = None,
        headers: tuple[bytes, ...] = (),
        timeout_s: float = GENEROUS_S,
        max_bytes: int = 64_000_000,
        client: WireClient | AiohttpClient | None = None,
        keep_body: bool = True,
    ) -> Response:
        origin = where if isinstance(where, Origin) else where.origin()
        request = Request(origin, method, target, b"", body)
        async with asyncio.timeout(GENEROUS_S + 5):
            return await (client or self.client).exchange(
                request, headers, int(timeout_s * NS_PER_S), max_bytes, keep_body
            )


@pytest.fixture
async def serve() -> AsyncIterator[Callable[..., Awaitable[Server]]]:
    """Start servers; the script is an async function of a `Peer`."""
    servers: list[Server] = []

    async def start(
        play: Play, *, tls: ssl.SSLContext | None = None, receive_buffer: int | None = None
    ) -> Server:
        server = Server(play)
        await server.start(tls, receive_buffer)
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.stop()


@pytest.fixture
def full_backlog() -> Iterator[Origin]:
    """The origin of a listening socket whose queue is full: connecting takes for ever."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(0)
    address = listening.getsockname()
    fillers = []
    while True:
        filler = socket.socket()
        fillers.append(filler)
        filler.settimeout(0.3)
        try:
            filler.connect(address)
        except TimeoutError:
            break
        assert len(fillers) < 50
    yield Origin("http", *address)
    for filler in fillers:
        filler.close()
    listening.close()


@pytest.fixture
def answering() -> Callable[..., Play]:
    """A script that answers each request with the next of some bytes, and the last one for ever."""

    def script(*answers: bytes) -> Play:
        async def play(peer: Peer) -> None:
            while await peer.request() is not None:
                await peer.send(answers[min(len(peer.server.requests), len(answers)) - 1])

        return play

    return script


@pytest.fixture
def closing_after() -> Callable[[bytes], Play]:
    """A script that answers one request with some bytes and closes the connection."""

    def script(answer: bytes) -> Play:
        async def play(peer: Peer) -> None:
            if await peer.request() is not None:
                await peer.send(answer)

        return play

    return script


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """An authority of the tests' own."""
    return trustme.CA()


@pytest.fixture(scope="session")
def files(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """PEM files: the authority's certificate, and a client's with its key."""
    folder = tmp_path_factory.mktemp("tls")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    client = authority.issue_cert("virtual-user@example.com")
    client.cert_chain_pems[0].write_to_path(str(folder / "client.pem"))
    client.private_key_pem.write_to_path(str(folder / "client.key"))
    return folder


@pytest.fixture
def server_context(authority: trustme.CA) -> Callable[..., ssl.SSLContext]:
    """Make a server's TLS settings, with a certificate for some names."""

    def make(*names: str) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*(names or ("localhost", "127.0.0.1"))).configure_cert(context)
        return context

    return make


@pytest.fixture
def talk_with() -> type[Talk]:
    """Makes something to talk with from a pool of clients."""
    return Talk


@pytest.fixture(params=CLIENTS)
async def talk(request: Any) -> AsyncIterator[Talk]:
    """A client without TLS settings of its own, in a pool that is closed afterwards."""
    pool = CLIENTS[request.param](MonotonicClock())
    yield Talk(pool)
    await pool.close()


@pytest.fixture(params=CLIENTS)
async def talk_tls(request: Any) -> AsyncIterator[Callable[[ssl.SSLContext], Awaitable[Talk]]]:
    """Clients with TLS settings."""
    pools: list[Any] = []

    async def make(context: ssl.SSLContext) -> Talk:
        pools.append(CLIENTS[request.param](MonotonicClock(), context))
        return Talk(pools[-1])

    yield make
    for pool in pools:
        await pool.close()


@pytest.fixture
def adds_up() -> Callable[[Response], None]:
    """Assert that a response's phases are its duration, and none is negative."""

    def check(response: Response) -> None:
        sending = response.sent_ns - response.started_ns
        receiving = response.ended_ns - response.first_byte_ns
        assert min(sending, response.waiting, receiving) >= 0
        assert sending + response.waiting + receiving == response.duration

    return check


@pytest.fixture(params=CLIENTS)
def visit(request, tmp_path_factory):
    """Run a workflow once against a server; what was recorded."""
    made = tmp_path_factory.getbasetemp()  # what fixtures write for it to send

    async def run(server, *steps: str, before: str = "") -> Summary:
        url = f"http://127.0.0.1:{server.port}"
        workflow = "".join(f"[[workflows.visit]]\n{step}\n" for step in steps)
        text = f"""
schema = 1
name = "visit"
[targets.here]
base_url = "{url}"
{before}
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
{workflow}"""
        plan = parse_plan(text, file="plan.toml", base=Path(), allow_files=(made,)).plan
        pool = CLIENTS[request.param](MonotonicClock())
        snapshots = []
        engine = Engine(
            plan,
            Settings(target="here", base_url=url, once=True),
            segment=Segment(),
            clock=MonotonicClock(),
            http=pool,
            emit=snapshots.append,
        )
        try:
            async with asyncio.timeout(30):
                await engine.load({})
        finally:
            await pool.close()
        summary = Summary(engine._workload.catalogue)
        for snapshot in snapshots:
            summary.add(snapshot)
        return summary

    return run
