"""The cancellation of who waits for a response, with what is known of the request by then."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wedload.protocols.http.response import Response


class Interrupted(asyncio.CancelledError):  # a cancellation is what it remains, to all others
    """A request was under way, or waited for its connection, when its virtual user was cancelled.

    Instants are the clock's, ns. Nothing was sent if no byte of it was.
    """

    def __init__(
        self, started_ns: int, ended_ns: int, *, sent_bytes: int = 0, received_bytes: int = 0
    ) -> None:
        super().__init__()
        self.started_ns = started_ns  # first byte handed to the socket, or a connection wanted
        self.ended_ns = ended_ns
        self.sent_bytes = sent_bytes
        self.received_bytes = received_bytes

    @staticmethod
    def of(response: Response, ended_ns: int) -> Interrupted:
        """Of a request whose response has come as far as this."""
        return Interrupted(
            response.started_ns,
            ended_ns,
            sent_bytes=response.sent_bytes,
            received_bytes=response.received_bytes,
        )
