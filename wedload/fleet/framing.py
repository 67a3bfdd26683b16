"""Messages on a socket: a length of four bytes, then the pickled message."""

from __future__ import annotations

import pickle
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

    from wedload.fleet.messages import Message

_LENGTH: Final = struct.Struct(">I")


def write(writer: asyncio.StreamWriter, message: Message) -> None:
    """Queue a message for sending."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    writer.write(_LENGTH.pack(len(data)) + data)


async def read(reader: asyncio.StreamReader) -> Message:
    """The next message.

    Raises:
        asyncio.IncompleteReadError: the other end is gone.
    """
    (length,) = _LENGTH.unpack(await reader.readexactly(_LENGTH.size))
    message: Message = pickle.loads(await reader.readexactly(length))  # noqa: S301 - our own process
    return message
