"""A fault proxy in a thread with a loop of its own, and both of its ends as plain sockets."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import uvloop

from tests.helpers.faults import ByHand
from tests.helpers.waiting import GENEROUS_S
from wedload.alarm import Alarm
from wedload.simulators.proxy.server import ProxyServer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from wedload.plan.faults import Fault

T = TypeVar("T")


def plain(sock: socket.socket) -> socket.socket:
    """Against hanging only."""
    sock.settimeout(GENEROUS_S)
    return sock


def listener() -> socket.socket:
    """A service that the test itself is."""
    return plain(socket.create_server(("127.0.0.1", 0), backlog=1024))


def rest_of(sock: socket.socket) -> bytes:
    """All that comes until the end; raises ConnectionResetError where it ends by a reset."""
    pieces = []
    while data := sock.recv(1 << 20):
        pieces.append(data)
    return b"".join(pieces)


def reset(sock: socket.socket) -> None:
    """Close it with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def eventually(holds: Callable[[], bool]) -> None:
    """Return as soon as something holds."""
    end_s = time.monotonic() + GENEROUS_S
    while not holds():
        assert time.monotonic() < end_s, "it never holds"
        time.sleep(0.002)


class Proxied:
    """A proxy, the faults on it, and a service behind it."""

    def __init__(self, loop_factory: Callable[[], asyncio.AbstractEventLoop], **settings: Any):
        self.injections = ByHand()
        self.service = listener()
        self.problems: list[dict[str, Any]] = []
        self._factory = loop_factory
        self._settings = settings
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def open(self) -> None:
        self._thread.start()
        assert self._ready.wait(GENEROUS_S)
        self.call(self.proxy.open())
        self.connect_to(self.service)
        self.port = int(self.proxy.address.rpartition(":")[2])

    def close(self) -> None:
        self.call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(GENEROUS_S)
        self.service.close()
        assert self.problems == [], self.problems

    def call(self, what: Coroutine[Any, Any, T]) -> T:
        """Run something on the proxy's loop."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(GENEROUS_S)

    def connect_to(self, service: socket.socket) -> None:
        """This is the service from now on."""
        self.call(self.proxy.connect_to(*service.getsockname()[:2]))

    def set(self, *faults: Fault) -> None:
        """These faults are in force when this returns."""

        async def change() -> None:
            self.injections.set(*faults)

        self.call(change())

    def report(self) -> dict[str, Any]:
        async def asked() -> dict[str, Any]:
            return self.proxy.report()

        return self.call(asked())

    def client(self) -> socket.socket:
        """One that has connected to the proxy."""
        return plain(socket.create_connection(("127.0.0.1", self.port), GENEROUS_S))

    def knock(self) -> None:
        """Connect and read; raises ConnectionResetError where that is what comes of either."""
        with self.client() as client:
            assert client.recv(100) == b""

    def ends(self) -> tuple[socket.socket, socket.socket]:
        """A client, and the service's side of its connection."""
        client = self.client()
        return client, plain(self.service.accept()[0])

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._factory) as runner:
            self._loop = runner.get_loop()
            self._loop.set_exception_handler(lambda _, what: self.problems.append(what))
            self._alarm = Alarm(self._loop)
            self.proxy = ProxyServer(
                "front", "127.0.0.1:0", self.injections, self._alarm, seed=1, **self._settings
            )
            self._loop.call_soon(self._ready.set)
            self._loop.run_forever()

    async def _close(self) -> None:
        self.proxy.close()
        self._alarm.close()
        await asyncio.sleep(0.01)  # sockets close in the next turns


@contextmanager
def proxied(
    loop_factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop, **settings: Any
) -> Iterator[Proxied]:
    """One that is open."""
    one = Proxied(loop_factory, **settings)
    one.open()
    try:
        yield one
    finally:
        one.close()
