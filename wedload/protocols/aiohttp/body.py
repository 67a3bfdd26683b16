"""A request's body, as aiohttp asks for it: from memory or from disk, a piece at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp.payload import Payload

from wedload.protocols.http.streaming import pieces_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from aiohttp.abc import AbstractStreamWriter

    from wedload.workload.request import StreamedBody


class Body(Payload):
    """What a request sends after its headers; once."""

    _autoclose = True  # nothing is open but while it is written

    def __init__(self, content: bytes | StreamedBody) -> None:
        super().__init__(content)
        self._content = content
        self._size = len(content) if isinstance(content, bytes) else content.length
        self._pieces: Generator[bytes, None, None] | None = None
        self.unreadable: OSError | None = None  # why the rest of it could not be read

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """The body as text; of one from disk nothing is in memory."""
        return self._content.decode(encoding, errors) if isinstance(self._content, bytes) else ""

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write all of it, no faster than the connection takes it.

        Raises:
            OSError: it could not be read; `unreadable` says why.
        """
        if isinstance(self._content, bytes):
            if self._content:
                await writer.write(self._content)
            return
        self._pieces = pieces_of(self._content)
        try:
            while (piece := self._next(self._pieces)) is not None:
                await writer.write(piece)
        finally:
            self.stop()

    def stop(self) -> None:
        """Close the file, wherever it was: the request is over, perhaps before its writer is."""
        if self._pieces is not None:
            self._pieces.close()

    async def write_with_length(
        self,
        writer: AbstractStreamWriter,
        content_length: int | None,  # noqa: ARG002 - as aiohttp calls it
    ) -> None:
        """Write all of it: its length is the one that was announced."""
        await self.write(writer)

    def _next(self, pieces: Generator[bytes, None, None]) -> bytes | None:
        try:
            return next(pieces, None)
        except OSError as error:
            self.unreadable = error
            raise
