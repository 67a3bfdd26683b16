"""The wire client: HTTP/1.1 on a socket of its own, as thin as Python allows.

One `Connection` is one keep-alive connection with at most one request under way. Bytes go out as
the caller rendered them; httptools (llhttp) parses what comes back. Time-outs are enforced from
outside (see `sweep` of the pool). It knows no cookies, no redirects, no metrics.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

import httptools

from wedload.protocols.http.decoding import decode_body
from wedload.protocols.http.response import Response
from wedload.protocols.http.streaming import BodyStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.metrics.outcome import Outcome
    from wedload.workload.request import StreamedBody

_INTERIM: Final = range(100, 200)
_SWITCHING: Final = 101  # never asked for; the parser reports it as an upgrade
_BODYLESS: Final = frozenset({204, 304})
#: most bytes of headers and trailers: what curl allows (MAX_HTTP_RESP_HEADER_SIZE); noticed at the
#: end of what was read at once
_MOST_HEAD_BYTES: Final = 300 * 1024
#: most interim responses to a request: far more than a slow answer's 102s, far fewer than a flood
_MOST_INTERIM: Final = 100


class _Nothing(list[bytes]):
    """Where the pieces of a body go that nobody wants."""

    def append(self, _piece: bytes, /) -> None:
        """Forget it."""


class Connection(asyncio.Protocol):
    """A connection that its owner sends one request at a time on."""

    __slots__ = (
        "_body", "_body_bytes", "_chunked", "_chunked_or_sized", "_closed", "_encoding", "_head",
        "_headers", "_interim", "_interim_of", "_max_bytes", "_now_ns", "_parser", "_stream",
        "_transport", "_waiter", "deadline_ns", "lost", "response",
    )  # fmt: skip

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._closed = False
        self.lost = False  # ended by the server while no request was under way
        self._max_bytes = 0
        self._head = False
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._encoding = b""
        self._chunked = False
        self._chunked_or_sized = False
        self._headers = 0  # how many came before the body, if it is chunked
        self._interim = 0  # responses before the final one, …
        self._interim_of: Response | None = None  # … of this one
        self._stream: BodyStream | None = None  # what is still to be sent of a request
        self.deadline_ns = 0
        self.response: Response | None = None  # under way
        self._parser = httptools.HttpResponseParser(self)

    # --- for the owner ----------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return not self._closed and self.response is None

    def discard_body(self) -> None:
        """Throw away the body of the next response: it is read and counted only."""
        self._body = _Nothing()

    async def send_streamed(
        self, data: bytes, body: StreamedBody, *, head: bool, deadline_ns: int, max_bytes: int
    ) -> Response:
        """Send a request whose body follows from disk; as `send`.

        Raises:
            OSError: the body could not be read to its end.
        """
        stream = self._stream = BodyStream(body, self)
        try:
            return await self.send(data, head=head, deadline_ns=deadline_ns, max_bytes=max_bytes)
        finally:
            self._stream = None
            stream.close()

    async def send(self, data: bytes, *, head: bool, deadline_ns: int, max_bytes: int) -> Response:
        """Send a request and return what became of it; never raises for the other side's doings.

        `head`: the request's method is HEAD, so that its response has no body.
        """
        assert self._transport is not None
        self._head = head
        self._max_bytes = max_bytes
        self.deadline_ns = deadline_ns
        response = self.response = Response(self._now_ns())
        response.sent_bytes = len(data)
        self._waiter = asyncio.get_running_loop().create_future()
        if self._closed:  # lost between two turns of the loop
            self._fail("reset", "connection closed before the request was sent")
            return response
        self._write(data)
        if self._stream is not None:
            self._stream.pump()
        elif response.sent_ns == 0 and not self._transport.get_write_buffer_size():
            response.sent_ns = self._now_ns()
        try:
            await self._waiter
        except asyncio.CancelledError:
            self.abort()
            raise
        return response

    def time_out(self) -> None:
        """End the request under way: its time is over."""
        self._fail("timeout", "no complete response within the time-out")

    def abort(self) -> None:
        """Close at once."""
        self._closed = True
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Close when what was written is sent."""
        self._closed = True
        if self._transport is not None:
            self._transport.close()

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

    def resume_writing(self) -> None:
        """All that was buffered has reached the socket."""
        if self._stream is not None:
            self._stream.pump()
        elif self.response is not None and self.response.sent_ns == 0:
            self.response.sent_ns = self._now_ns()

    def data_received(self, data: bytes) -> None:
        """Feed the parser; what it finds arrives in the callbacks below."""
        response = self.response
        if response is None:
            self._lose()
            self.abort()  # bytes that nobody asked for: the connection cannot be trusted
            return
        if response.first_byte_ns == 0:
            response.first_byte_ns = self._now_ns()
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
        if received > _MOST_HEAD_BYTES and self.response is response:
            self._limit_head(response)

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
        elif response.first_byte_ns == 0:
            self._fail("reset", "connection closed before a response came")
        else:
            self._fail("reset", "connection closed in mid-response")

    # --- the parser's callbacks -------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Refuse the first byte of a response that belongs to no request."""
        if self.response is None:
            raise ValueError("a second response to one request")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Collect a header or trailer; note headers that say how the body is to be read."""
        response = self.response
        if response is None:
            raise ValueError("a second response to one request")
        response.raw_headers.append((name, value))
        length = len(name)
        if length == 14 and name.lower() == b"content-length":
            self._chunked_or_sized = True
        elif length == 17 and name.lower() == b"transfer-encoding" and not response.status:
            coding = value.strip().lower()
            if coding == b"chunked":
                self._chunked = self._chunked_or_sized = True
            elif coding != b"identity":  # others must be asked for (RFC 9112 section 7.4)
                raise ValueError(f"Transfer-Encoding {value.decode('latin-1')!r} was not asked for")
        elif length == 16 and name.lower() == b"content-encoding" and not response.status:
            coding = value.strip().lower()
            self._encoding = self._encoding + b"," + coding if self._encoding else coding

    def on_headers_complete(self) -> None:
        """Status and headers are there."""
        response = self.response
        if response is None:
            raise ValueError("a second response to one request")
        status = self._parser.get_status_code()
        if status == _SWITCHING:
            self._fail("protocol", "the server switched to another protocol")
            return
        if status in _INTERIM:
            return
        response.status = status
        if self._chunked:
            self._headers = len(response.raw_headers)
        if status in _BODYLESS:
            self._chunked_or_sized = True
        if self._head:
            # the parser cannot know that no body follows: end here, go on with a fresh one
            self.on_message_complete()
            self._parser = httptools.HttpResponseParser(self)

    def on_body(self, data: bytes) -> None:
        """Collect a piece of the body, up to the limit."""
        if self.response is None:
            self.abort()  # a body in answer to HEAD, or what follows one that is too large
            return
        self._body_bytes += len(data)
        if self._body_bytes > self._max_bytes:
            self._fail("too_large", f"the body is longer than {self._max_bytes:,} bytes")
        else:
            self._body.append(data)

    def on_message_complete(self) -> None:
        """The response is complete, unless it was an interim one."""
        response = self.response
        if response is None:
            return
        if not response.status:
            self._skip_interim(response)
            return
        response.ended_ns = self._now_ns()
        if self._chunked and len(response.raw_headers) > self._headers:
            response.raw_trailers = tuple(response.raw_headers[self._headers :])
            del response.raw_headers[self._headers :]
        if response.sent_ns == 0:
            self.abort()  # answered before all was sent: the rest must not precede the next request
        elif not (self._parser.should_keep_alive() or (self._head and self._persists(response))):
            self.close()
        body = b"".join(self._body) if len(self._body) != 1 else self._body[0]
        if self._encoding and body:
            try:
                body = decode_body(body, self._encoding, self._max_bytes)
            except ValueError as error:
                self._fail("protocol", str(error))
                return
            except OverflowError as error:
                self._fail("too_large", str(error))
                return
        response.body = body
        self._finish()

    # --- inside -----------------------------------------------------------------------------

    def _lose(self) -> None:
        """Note that the server ends the connection, if it was ours to use."""
        self.lost = self.lost or self.usable

    def _skip_interim(self, response: Response) -> None:
        """Forget a 1xx response: the real one follows, unless they do not end."""
        response.raw_headers.clear()
        self._encoding = b""
        self._chunked = self._chunked_or_sized = False
        if self._interim_of is not response:
            self._interim_of, self._interim = response, 0
        self._interim += 1
        if self._interim > _MOST_INTERIM:
            self._fail("protocol", f"more than {_MOST_INTERIM} interim responses")

    def _limit_head(self, response: Response) -> None:
        """Give up a response that has more headers and trailers than it may."""
        lines = response.raw_headers
        if not response.status or sum(len(n) + len(v) + 4 for n, v in lines) > _MOST_HEAD_BYTES:
            self._fail("too_large", f"its headers are longer than {_MOST_HEAD_BYTES:,} bytes")

    def _persists(self, response: Response) -> bool:
        """Whether a connection outlives a response that has no body.

        The parser would have a body without a length last until the connection ends.
        Source: RFC 9112 section 9.3.
        """
        options = [v.lower() for n, v in response.raw_headers if n.lower() == b"connection"]
        if self._parser.get_http_version() == "1.1":
            return not any(b"close" in option for option in options)
        return any(b"keep-alive" in option for option in options)

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def _fail(self, outcome: Outcome, problem: str) -> None:
        response = self.response
        if response is None:
            return
        response.outcome, response.problem = outcome, problem
        response.ended_ns = self._now_ns()
        self.abort()
        self._finish()

    def _finish(self) -> None:
        response, waiter = self.response, self._waiter
        assert response is not None
        assert waiter is not None
        if response.sent_ns == 0:  # answered or failed before all of it was sent
            response.sent_ns = response.first_byte_ns or response.ended_ns
        if response.first_byte_ns < response.sent_ns:  # an early answer: nothing was waited for
            response.first_byte_ns = (
                response.sent_ns if response.first_byte_ns else response.ended_ns
            )
        self.response = self._waiter = None
        self._body = []
        self._body_bytes = 0
        self._encoding = b""
        self._chunked = self._chunked_or_sized = False
        if not waiter.done():
            waiter.set_result(None)
