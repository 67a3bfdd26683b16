"""The link between load processes and the ears: a Unix socket, with lists of small tuples.

A load process tells what it expects; the ears tell what it waits for. Both gather what one turn of
their event loop has to say into one message: a length of four bytes, then the pickled list. Both
ends are processes of one run, and nobody else can open the socket.
"""

from __future__ import annotations

import asyncio
import pickle
import struct
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LENGTH: Final = struct.Struct(">I")


class Link(asyncio.Protocol):
    """One end of a link."""

    def __init__(
        self, told: Callable[[Link, Sequence[Any]], None], lost: Callable[[Link], None]
    ) -> None:
        """`told` is given what the other end tells, `lost` that it is gone."""
        self._told = told
        self._lost = lost
        self._transport: asyncio.WriteTransport | None = None
        self._read = bytearray()
        self._saying: list[Any] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is one in deed only

    def connection_lost(self, _error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._transport = None
        self._lost(self)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        read = self._read
        read += data
        at = 0
        while len(read) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(read, at)
            begin = at + _LENGTH.size
            if len(read) - begin < length:
                break
            at = begin + length
            self._told(self, pickle.loads(memoryview(read)[begin:at].tobytes()))  # noqa: S301 - our own process
        del read[:at]

    def say(self, item: Any) -> None:
        """Tell the other end something, with all else of this turn of the event loop."""
        if not self._saying:
            asyncio.get_running_loop().call_soon(self._flush)
        self._saying.append(item)

    def close(self) -> None:
        """Tell what is left to tell, and end it."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def _flush(self) -> None:
        said, self._saying = self._saying, []
        if said and self._transport is not None:
            data = pickle.dumps(said, protocol=pickle.HIGHEST_PROTOCOL)
            self._transport.write(_LENGTH.pack(len(data)) + data)
