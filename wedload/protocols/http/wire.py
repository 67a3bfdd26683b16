"""The wire client: HTTP/1.1 on a socket of its own, as thin as Python allows.

One `Connection` is one keep-alive connection with at most one request under way. Bytes go out as
the caller rendered them; httptools (llhttp) parses what comes back, see reading, unless it has just
parsed the like, see heads. Time-outs are enforced from outside (see `Pool`). It knows no cookies,
no redirects, no metrics.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

import httptools

from wedload.protocols.http.heads import KNOWN_HEADS
from wedload.protocols.http.limits import MOST_HEAD_BYTES
from wedload.protocols.http.problems import CLOSED_UNSENT, TIMED_OUT, closed
from wedload.protocols.http.reading import ResponseReader
from wedload.protocols.http.response import Response
from wedload.protocols.http.streaming import BodyStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.workload.request import StreamedBody

#: longer ones are seldom whole, and their heads are a small part of them
_MOST_AT_ONCE_BYTES: Final = 16 * 1024


class Connection(ResponseReader):
    """A connection that its owner sends one request at a time on.

    An `asyncio.Protocol`, but not by inheritance: compiled, that would make it a class whose
    attributes are looked up by name.
    """

    __slots__ = ("_held", "_loop", "_stream", "deadline_ns", "lost")

    def __init__(self, now_ns: Callable[[], int]) -> None:
        super().__init__(now_ns)
        self._loop = asyncio.get_running_loop()  # asking for it is a system call, until 3.12
        self.lost = False  # ended by the server while no request was under way
        self._held = False  # whether something written is yet to reach the socket
        self._stream: BodyStream | None = None  # what is still to be sent of a request
        self.deadline_ns = 0

    # --- for the owner ----------------------------------------------------------------------

    async def send_streamed(
        self, data: bytes, body: StreamedBody, *, head: bool, timeout_ns: int, max_bytes: int
    ) -> Response:
        """Send a request whose body follows from disk; as `send`.

        Raises:
            OSError: the body could not be read to its end.
        """
        stream = self._stream = BodyStream(body, self)
        try:
            return await self.send(data, head=head, timeout_ns=timeout_ns, max_bytes=max_bytes)
        finally:
            self._stream = None
            stream.close()

    def send(
        self, data: bytes, *, head: bool, timeout_ns: int, max_bytes: int
    ) -> asyncio.Future[Response]:
        """Send a request; what became of it never is an exception for the other side's doings.

        `head`: the request's method is HEAD, so that its response has no body. Who gives up
        waiting aborts the connection.
        """
        assert self._transport is not None
        self._head = head
        self._max_bytes = max_bytes
        response = Response(self._now_ns())
        self.deadline_ns = response.started_ns + timeout_ns
        waiter = self._loop.create_future()
        if self._closed:  # lost between two turns of the loop
            waiter.set_result(response.unsent("reset", CLOSED_UNSENT, response.started_ns))
            return waiter
        response.sent_bytes = len(data)
        self.response, self._waiter = response, waiter
        self._write(data)
        if self._stream is not None:
            self._stream.pump()
        elif response.sent_ns == 0 and not self._held:
            response.sent_ns = self._now_ns()
        return waiter

    def time_out(self) -> None:
        """End the request under way: its time is over."""
        self._fail("timeout", TIMED_OUT)

    # --- for the stream of a body -----------------------------------------------------------

    def take(self, piece: bytes) -> bool:
        """Write a piece of a body; whether it has reached the socket, so that there is room."""
        response = self.response
        if response is None or self._transport is None:
            return False  # answered or given up: nobody wants the rest
        response.sent_bytes += len(piece)
        self._write(piece)
        return not self._transport.get_write_buffer_size()

    def all_taken(self) -> None:
        """The last piece is written: the request is sent when it has reached the socket."""
        self._stream = None
        if self._transport is not None and not self._transport.get_write_buffer_size():
            self.resume_writing()

    def unreadable(self, error: OSError) -> None:
        """End the request under way with a defect of our own side."""
        self.abort()
        self.response = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)

    # --- asyncio's callbacks ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; with no write buffer, bytes reach the socket within `write`."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        """Something did not go to the socket at once; `resume_writing` follows."""
        self._held = True

    def resume_writing(self) -> None:
        """All that was buffered has reached the socket."""
        self._held = False
        if self._stream is not None:
            self._stream.pump()
        elif self.response is not None and self.response.sent_ns == 0:
            self.response.sent_ns = self._now_ns()

    def data_received(self, data: bytes | memoryview) -> None:
        """Feed the parser; what it finds arrives in the `on_…` methods of `ResponseReader`."""
        response = self.response
        if response is None:
            self._lose()
            self.abort()  # bytes that nobody asked for: the connection cannot be trusted
            return
        whole: bytes | None = None  # what may be all of the response
        if response.first_byte_ns == 0:
            response.first_byte_ns = self._now_ns()
            if self._keep_body and not self._head and len(data) <= _MOST_AT_ONCE_BYTES:
                whole = data if isinstance(data, bytes) else bytes(data)
                if response.sent_ns and self._recognise(response, whole):
                    return
        received = response.received_bytes = response.received_bytes + len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.abort()  # see on_headers_complete
        except httptools.HttpParserError as error:
            # if the response is complete already, more bytes than it has came with it: the
            # response stands, but nothing that follows on this connection can be trusted
            self._fail("protocol", f"response not understood: {error.__context__ or error}")
            self.abort()
        if received > MOST_HEAD_BYTES and self.response is response:
            self._limit_head(response)
        elif whole is not None and self.usable:
            KNOWN_HEADS.learn(whole, response)

    def eof_received(self) -> bool:
        """The server is done sending; let `connection_lost` follow."""
        self._lose()
        self._closed = True
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """End what is under way: a body that ends with its connection is complete now."""
        self._lose()
        self._closed = True
        response = self.response
        if response is None:
            return
        if exc is None and response.status and not self._chunked_or_sized:
            self.on_message_complete()
        else:
            self._fail("reset", closed(response))

    # --- inside -----------------------------------------------------------------------------

    def _lose(self) -> None:
        """Note that the server ends the connection, if it was ours to use."""
        self.lost = self.lost or self.usable

    def _recognise(self, response: Response, data: bytes) -> bool:
        """End the request under way without parsing, if this is a response like one before."""
        head = KNOWN_HEADS.of(data, response.first_byte_ns)
        if head is None or head.body_bytes > self._max_bytes:
            return False
        response.status = head.status
        response.raw_headers = head.raw_headers
        response.body = data[head.size :]
        response.received_bytes = len(data)
        response.ended_ns = response.first_byte_ns  # its last byte came with the first
        self._finish()
        return True

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)
