"""What picows tells of a connection, told to it: the stamp of a frame is made here, and first."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from picows import WSListener

if TYPE_CHECKING:
    from collections.abc import Callable

    from picows import WSFrame, WSTransport

_heeding: Final[set[asyncio.Task[None]]] = set()


class Connection(Protocol):
    """What is told."""

    def opened(self, transport: WSTransport) -> None:
        """The handshake is done."""

    def take(self, frame: WSFrame, at_ns: int) -> None:
        """A frame has come."""

    def lost(self) -> None:
        """The connection is gone."""

    def writing(self, *, paused: bool) -> None:
        """More waits to be sent than should, or not any more."""


class Listener(WSListener):
    """What picows tells, told to a connection."""

    def __init__(self, connection: Connection, now_ns: Callable[[], int]) -> None:
        super().__init__()
        self._connection = connection
        self._now_ns = now_ns

    def on_ws_connected(self, transport: WSTransport) -> None:
        """The handshake is done."""
        self._connection.opened(transport)

    def on_ws_frame(self, _transport: WSTransport, frame: WSFrame) -> None:
        """A frame was read: its instant comes first."""
        at_ns = self._now_ns()
        try:
            self._connection.take(frame, at_ns)
        except Exception as error:  # noqa: BLE001 - of a callback; picows would only log it
            context = {"message": "a WebSocket's message could not be taken", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)

    def on_ws_disconnected(self, _transport: WSTransport) -> None:
        """The connection is gone."""
        self._connection.lost()

    def pause_writing(self) -> None:
        """More waits to be sent than should."""
        self._connection.writing(paused=True)

    def resume_writing(self) -> None:
        """It has gone."""
        self._connection.writing(paused=False)


def heed(transport: WSTransport) -> None:
    """Take from picows what it says of a connection that has ended, which is known already."""

    async def take() -> None:
        with suppress(Exception):
            await transport.wait_disconnected()

    task = asyncio.get_running_loop().create_task(take())
    _heeding.add(task)
    task.add_done_callback(_heeding.discard)
