"""Bodies that are read from disk while they are sent, a piece at a time.

Reading is done in the event loop: a piece from the page cache costs less than handing it over from
a thread would. It does not know what a connection is, beyond that it takes pieces.
"""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from wedload.workload.request import FileContent, StreamedBody

_PIECE_BYTES: Final = 128 * 1024
#: pieces written in one turn of the event loop, however fast they are taken
_PIECES_A_TURN: Final = 8


class Taker(Protocol):
    """What takes the pieces of a body."""

    def take(self, piece: bytes) -> bool:
        """Take a piece; whether there is room for the next one now."""

    def all_taken(self) -> None:
        """There are no more."""

    def unreadable(self, error: OSError) -> None:
        """The rest could not be read."""


class BodyStream:
    """A body on its way to a connection, no faster than this takes it."""

    __slots__ = ("_pieces", "_taker")

    def __init__(self, body: StreamedBody, taker: Taker) -> None:
        self._pieces = pieces_of(body)
        self._taker: Taker | None = taker

    def pump(self) -> None:
        """Hand over pieces until there is no room, or too much was done for one turn."""
        taker = self._taker
        if taker is None:
            return
        try:
            for _ in range(_PIECES_A_TURN):
                piece = next(self._pieces, None)
                if piece is None:
                    self.close()
                    taker.all_taken()
                    return
                if not taker.take(piece):
                    return  # it pumps again when there is room
        except OSError as error:
            self.close()
            taker.unreadable(error)
            return
        asyncio.get_running_loop().call_soon(self.pump)

    def close(self) -> None:
        """Close the file, wherever it was."""
        self._taker = None
        self._pieces.close()


def pieces_of(body: StreamedBody) -> Generator[bytes, None, None]:
    """What a body consists of, read when it is asked for.

    Raises:
        OSError: the file cannot be read, or is shorter than it was.
    """
    for part in body.parts:
        if isinstance(part, bytes):
            yield part
        else:
            yield from _of_file(part)


def _of_file(content: FileContent) -> Iterator[bytes]:
    left = content.size_bytes
    with Path(content.path).open("rb", buffering=0) as file:
        while left:
            piece = file.read(min(_PIECE_BYTES, left))
            if not piece:
                message = "the file is shorter than when the plan was loaded"
                raise OSError(errno.EIO, message, content.path)
            left -= len(piece)
            yield piece
