"""Streams of HTTP/2: one request and what comes back for it. It knows no frames and no sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from wedload.protocols.http.decoding import decode_body
from wedload.protocols.http.limits import MOST_INTERIM
from wedload.protocols.http.problems import flood

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from wedload.metrics.outcome import Outcome
    from wedload.protocols.http.response import Response
    from wedload.protocols.http.streaming import BodyStream


class Carrier(Protocol):
    """The connection that a stream is on."""

    def take(self, stream: Stream, piece: bytes) -> bool:
        """Send a piece of a body; whether there is room for the next one now."""

    def all_taken(self, stream: Stream) -> None:
        """There are no more."""

    def give_up(self, stream: Stream) -> None:
        """Nobody wants the rest of it."""


class Stream:
    """One request and its response."""

    __slots__ = (
        "_body", "_body_bytes", "_carrier", "_encoding", "_interim", "_keep_body", "body_stream",
        "deadline_ns", "max_bytes", "number", "response", "unprocessed", "waiter",
    )  # fmt: skip

    def __init__(
        self,
        carrier: Carrier,
        response: Response,
        waiter: asyncio.Future[None],
        *,
        deadline_ns: int,
        max_bytes: int,
        keep_body: bool,
    ) -> None:
        self._carrier = carrier
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._encoding = b""
        self._interim = 0
        self._keep_body = keep_body
        self.body_stream: BodyStream | None = None  # what is still to be sent
        self.deadline_ns = deadline_ns
        self.max_bytes = max_bytes
        self.number = 0
        self.response = response
        self.unprocessed = False  # the server says that it has not acted on the request
        self.waiter = waiter

    # --- what comes back --------------------------------------------------------------------

    def interim(self) -> str | None:
        """A 1xx response came, and is forgotten; what is wrong, if they do not end."""
        self._interim += 1
        return flood() if self._interim > MOST_INTERIM else None

    def head(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Status and headers are there."""
        lines = self.response.raw_headers
        for name, value in fields:
            if name == b":status":
                self.response.status = int(value)
                continue
            lines.append((name, value))
            if name == b"content-encoding":
                coding = value.strip().lower()
                self._encoding = self._encoding + b"," + coding if self._encoding else coding
            elif name == b"set-cookie":
                self.response.sets_cookies = True

    def data(self, piece: bytes) -> bool:
        """Collect a piece of the body; whether all of it is within the limit."""
        self._body_bytes += len(piece)
        if self._keep_body:
            self._body.append(piece)
        return self._body_bytes <= self.max_bytes

    def complete(self, now_ns: int) -> None:
        """All of the response is there."""
        self.response.ended_ns = now_ns
        body = b"".join(self._body) if len(self._body) != 1 else self._body[0]
        if self._encoding and body:
            try:
                body = decode_body(body, self._encoding, self.max_bytes)
            except ValueError as error:
                self.fail("protocol", str(error), now_ns)
                return
            except OverflowError as error:
                self.fail("too_large", str(error), now_ns)
                return
        self.response.body = body
        self._finish()

    def fail(self, outcome: Outcome, problem: str, now_ns: int) -> None:
        """It ends in another way."""
        response = self.response
        response.outcome, response.problem, response.ended_ns = outcome, problem, now_ns
        self._finish()

    def _finish(self) -> None:
        response = self.response
        if response.sent_ns == 0:  # answered or failed before all of it was sent
            response.sent_ns = response.first_byte_ns or response.ended_ns
        if response.first_byte_ns < response.sent_ns:  # an early answer: nothing was waited for
            response.first_byte_ns = (
                response.sent_ns if response.first_byte_ns else response.ended_ns
            )
        self._stop_reading()
        if not self.waiter.done():
            self.waiter.set_result(None)

    def _stop_reading(self) -> None:
        if self.body_stream is not None:
            self.body_stream.close()
            self.body_stream = None

    # --- for the stream of its body ---------------------------------------------------------

    def take(self, piece: bytes) -> bool:
        """Send a piece of the body; whether there is room for the next one now."""
        return self._carrier.take(self, piece)

    def all_taken(self) -> None:
        """The last piece is there."""
        self._carrier.all_taken(self)

    def unreadable(self, error: OSError) -> None:
        """End with a defect of our own side."""
        self.body_stream = None
        self._carrier.give_up(self)
        if not self.waiter.done():
            self.waiter.set_exception(error)
