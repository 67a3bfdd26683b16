"""HTTP/2: one connection with many requests under way.

What the frames mean is the session's. Time-outs are enforced from outside (see `Pool`). It knows
no cookies, no redirects, no metrics.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from wedload.protocols.http.deadline import in_time
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.problems import TIMED_OUT
from wedload.protocols.http.response import Response
from wedload.protocols.http.streaming import BodyStream
from wedload.protocols.http2.fields import fields_of
from wedload.protocols.http2.session import Http2Session
from wedload.protocols.http2.stream import Stream
from wedload.workload.request import StreamedBody

if TYPE_CHECKING:
    from wedload.workload.request import Request


class Http2Connection(Http2Session):
    """A connection that carries the requests of one virtual user, each on a stream of its own.

    An `asyncio.Protocol`, but not by inheritance: see `Connection` in wire.
    """

    # --- for the pool -----------------------------------------------------------------------

    @property
    def response(self) -> Response | None:
        """One of those under way."""
        return next((stream.response for stream in self._streams.values()), None)

    @property
    def deadline_ns(self) -> int:
        """When the first of those under way runs out of time."""
        return min(stream.deadline_ns for stream in self._streams.values())

    def time_out(self) -> None:
        """End the requests whose time is over; the others and the connection go on."""
        now_ns = self._now_ns()
        for stream in list(self._streams.values()):
            if now_ns >= stream.deadline_ns:
                self._cancel(stream, "timeout", TIMED_OUT)
        self._flush()

    def abort(self) -> None:
        """Close at once."""
        self._end("reset")

    # --- for the client ---------------------------------------------------------------------

    async def send(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        *,
        deadline_ns: int,
        max_bytes: int,
        keep_body: bool,
    ) -> Stream | None:
        """Send a request, and return its stream when that is over.

        None: the connection ended before anything was sent. What became of the request is the
        stream's response, never an exception for the other side's doings; if the stream is
        `unprocessed`, the request may be sent again.

        Raises:
            OSError: a streamed body could not be read to its end.
            TimeoutError: the server takes no more requests at a time, for all of the time there is.
            Interrupted: cancelled after it was sent.
        """
        while len(self._streams) >= self._most_streams and self.usable:
            await self._a_stream_is_free(deadline_ns)
        if not self.usable:
            return None
        stream = Stream(
            self,
            Response(self._now_ns()),
            asyncio.get_running_loop().create_future(),
            deadline_ns=deadline_ns,
            max_bytes=max_bytes,
            keep_body=keep_body,
        )
        body = request.body
        if not self._open(stream, fields_of(request, headers), body):
            return None
        if type(body) is StreamedBody:
            stream.body_stream = BodyStream(body, stream)
        try:
            self._flush()
            if stream.response.sent_bytes == 0:
                self._claim_sent(stream.response)
            self._go_on_sending()
            await stream.waiter
        except asyncio.CancelledError:
            self._cancel(stream, "reset", "given up")
            self._flush()
            raise Interrupted.of(stream.response, self._now_ns()) from None
        return stream

    async def _a_stream_is_free(self, deadline_ns: int) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            await in_time(waiter, deadline_ns - self._now_ns())
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            else:
                self._admit()  # whoever is next, in case that nobody takes this place

    # --- for streams: their bodies ----------------------------------------------------------

    def take(self, stream: Stream, piece: bytes) -> bool:
        """Send a piece of a body; whether it has reached the socket, so that there is room."""
        if stream.number not in self._streams or self._closed:
            return False  # answered or given up: nobody wants the rest
        self._session.send_data(stream.number, piece)
        self._flush()
        self._claim_sent(stream.response)
        return self._all_at_socket(stream)

    def all_taken(self, stream: Stream) -> None:
        """The last piece is there."""
        stream.body_stream = None
        if stream.number in self._streams and not self._closed:
            self._session.end_stream(stream.number)
            self._flush()
            self._claim_sent(stream.response)
            self._go_on_sending()

    def give_up(self, stream: Stream) -> None:
        """The rest of its request will not come."""
        if stream.number in self._streams:
            self._reset(stream)
            self._flush()

    # --- asyncio's callbacks ----------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; with no write buffer, bytes reach the socket within `write`."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by inheritance
        self._transport.set_write_buffer_limits(high=0)

    def pause_writing(self) -> None:
        """Something did not go to the socket at once; `resume_writing` follows."""

    def resume_writing(self) -> None:
        """All that was buffered has reached the socket."""
        self._go_on_sending()

    def data_received(self, data: bytes | memoryview) -> None:
        """Feed the session; what it finds becomes of the streams what it says."""
        if self._closed:
            return
        self._feed(data)
        if not self._closed:
            self._flush()
            if self._sending:
                self._go_on_sending()

    def eof_received(self) -> bool:
        """The server is done sending; let `connection_lost` follow."""
        return False

    def connection_lost(self, _exc: Exception | None) -> None:
        """End what is under way."""
        if not self._streams and self.usable:
            self.lost = True
        self._end("reset")

    # --- inside -----------------------------------------------------------------------------

    def _flush(self) -> None:
        """Write what the session has to say; that a stream is refused, it tells only then."""
        data = b"" if self._closed else self._session.data_to_send()
        if data:
            self._unclaimed_sent += len(data)
            self._write(data)
            self._take_events()

    def _go_on_sending(self) -> None:
        """Note which requests are wholly at the socket, and read on where there is room."""
        for stream in list(self._sending.values()):
            if self._closed or not self._all_at_socket(stream):
                continue
            if stream.body_stream is not None:
                stream.body_stream.pump()
            elif self._sending.pop(stream.number, None) is not None:
                stream.response.sent_ns = self._now_ns()

    def _all_at_socket(self, stream: Stream) -> bool:
        assert self._transport is not None
        return not (
            self._session.queued_body_size(stream.number) or self._transport.get_write_buffer_size()
        )

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)
