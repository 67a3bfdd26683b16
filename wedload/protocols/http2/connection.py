"""HTTP/2: one connection with many requests under way, on `ngh2` (libnghttp2).

The only file that knows the binding. Frames, header compression, flow control and the checks of
RFC 9113 are libnghttp2's; here its events become responses. Time-outs are enforced from outside
(see `Pool`). It knows no cookies, no redirects, no metrics.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

import ngh2

from wedload.protocols.http.deadline import in_time
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.limits import MOST_HEAD_BYTES
from wedload.protocols.http.problems import TIMED_OUT, closed, long_body
from wedload.protocols.http.response import Response
from wedload.protocols.http.streaming import BodyStream
from wedload.protocols.http2.fields import fields_of
from wedload.protocols.http2.stream import Stream
from wedload.workload.request import StreamedBody

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.metrics.outcome import Outcome
    from wedload.workload.request import Request

#: a body of this size, or several that add up to the second, arrive without waiting for us
STREAM_WINDOW_BYTES: Final = 1 << 20
CONNECTION_WINDOW_BYTES: Final = 16 << 20
#: a header frame is at most 16 KiB, so this many hold all headers that may be
_MOST_CONTINUATIONS: Final = 64
#: requests at the same time until the server has said how many it takes; more might be refused
_BEFORE_SETTINGS: Final = 1
#: what a server takes that names no limit: what RFC 9113 section 6.5.2 recommends as the least
_DEFAULT_STREAMS: Final = 100
_SETTINGS: Final = {
    ngh2.Setting.ENABLE_PUSH: 0,
    ngh2.Setting.INITIAL_WINDOW_SIZE: STREAM_WINDOW_BYTES,
}
_CONFIGURATION: Final = ngh2.Configuration(
    max_inbound_header_list_size=MOST_HEAD_BYTES,
    max_inbound_header_count=MOST_HEAD_BYTES // 32,  # a field counts at least 32 bytes
    max_continuations=_MOST_CONTINUATIONS,
)


class Http2Connection:
    """A connection that carries the requests of one virtual user, each on a stream of its own.

    An `asyncio.Protocol`, but not by inheritance: see `Connection` in wire.
    """

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._transport: asyncio.Transport | None = None
        self._session = ngh2.Connection(ngh2.Role.CLIENT, _CONFIGURATION)
        self._session.initiate_connection(_SETTINGS)
        self._session.set_local_window_size(CONNECTION_WINDOW_BYTES)
        self._streams: dict[int, Stream] = {}
        self._sending: dict[int, Stream] = {}  # those whose request is not wholly at the socket
        self._waiting: list[asyncio.Future[None]] = []  # for a stream
        self._most_streams = _BEFORE_SETTINGS
        self._closed = False
        self._leaving = False  # the server takes no new requests
        self._unclaimed_sent = 0  # bytes that no response has been charged with yet
        self._unclaimed_received = 0
        self.lost = False  # ended by the server while no request was under way

    # --- for the pool -----------------------------------------------------------------------

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return not (self._closed or self._leaving)

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
        fields = fields_of(request, headers)
        body = request.body
        stream = Stream(
            self,
            Response(self._now_ns()),
            asyncio.get_running_loop().create_future(),
            deadline_ns=deadline_ns,
            max_bytes=max_bytes,
            keep_body=keep_body,
        )
        try:
            number = self._session.send_request(fields, end_stream=not body)
        except ngh2.NGH2Error:  # out of numbers, or closing: a new connection will do
            self._leaving = True
            return None
        stream.number = number
        self._streams[number] = self._sending[number] = stream
        if type(body) is StreamedBody:
            stream.body_stream = BodyStream(body, stream)
        elif body:
            self._session.send_data(number, cast("bytes", body), end_stream=True)
        try:
            self._flush()
            if stream.response.sent_bytes == 0:
                self._claim_sent(stream.response)
            self._go_on_sending()
            await stream.waiter
        except asyncio.CancelledError:
            self._cancel(stream, "reset", "given up")
            self._flush()
            seen = stream.response
            raise Interrupted(
                seen.started_ns,
                self._now_ns(),
                sent_bytes=seen.sent_bytes,
                received_bytes=seen.received_bytes,
            ) from None
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

    def _admit(self) -> None:
        """Wake as many of those that wait as there is room for; all, if there is none any more."""
        room = self._most_streams - len(self._streams) if self.usable else len(self._waiting)
        for waiter in self._waiting[: max(room, 0)]:
            if not waiter.done():
                waiter.set_result(None)
        del self._waiting[: max(room, 0)]

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
        self._unclaimed_received += len(data)
        try:
            self._session.receive_data(data)
        except ngh2.DenialOfServiceError as error:
            # the one limit of ours that has no frame to tell a stream apart
            outcome: Outcome = "too_large" if "header" in str(error) else "protocol"
            self._end(outcome, f"HTTP/2: {error}")
            return
        except ngh2.NGH2Error as error:
            self._end("protocol", f"HTTP/2: {error}")
            return
        self._take_events()
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

    def _take_events(self) -> None:
        for event in self._session.events():
            match event:
                case ngh2.ResponseReceived():
                    if (stream := self._answered(event.stream_id)) is not None:
                        stream.head(event.headers)
                        if event.end_stream:
                            self._complete(stream)
                case ngh2.DataReceived():
                    if (stream := self._answered(event.stream_id)) is not None:
                        self._data(stream, event)
                case ngh2.TrailersReceived():
                    if (stream := self._answered(event.stream_id)) is not None:
                        self._complete(stream)
                case ngh2.InformationalResponseReceived():
                    if (stream := self._answered(event.stream_id)) is not None and (
                        problem := stream.interim()
                    ):
                        self._cancel(stream, "protocol", problem)
                case _:
                    self._control(event)
            if self._closed:
                return

    def _control(self, event: ngh2.Event) -> None:
        """What is rarer than a response."""
        match event:
            case ngh2.StreamReset():
                if (stream := self._answered(event.stream_id)) is not None:
                    # RFC 9113 section 8.7
                    stream.unprocessed = event.error_code == ngh2.ErrorCode.REFUSED_STREAM
                    message = f"the server reset the stream: {_name(event.error_code)}"
                    self._fail(stream, "reset", message)
            case ngh2.StreamClosed() if event.stream_id in self._streams:
                # complete ones and those that the server reset are not there any more
                stream = self._streams[event.stream_id]
                message = f"response not understood: {_name(event.error_code)}"
                self._fail(stream, "protocol", message)
            case ngh2.SettingsReceived():
                limits = self._session.remote_settings
                most = limits.get(ngh2.Setting.MAX_CONCURRENT_STREAMS, _DEFAULT_STREAMS)
                self._most_streams = most
                self._admit()
            case ngh2.GoAwayReceived():
                self._go_away(event)
            case ngh2.ConnectionClosed():
                said = event.debug_data.decode("latin-1") or _name(event.error_code)
                self._end("protocol", f"HTTP/2 not understood: {said}")

    def _go_away(self, event: ngh2.GoAwayReceived) -> None:
        self._leaving = self.lost = True
        said = event.debug_data[:200].decode("utf-8", "replace")
        name = _name(event.error_code) + (f" ({said})" if said else "")
        for number, stream in list(self._streams.items()):
            if number > event.last_stream_id:
                stream.unprocessed = True  # RFC 9113 section 6.8
                self._fail(stream, "reset", f"the server goes away: {name}")
        self._after_stream()

    def _answered(self, number: int) -> Stream | None:
        """The stream that something came for; None if it is over."""
        stream = self._streams.get(number)
        if stream is not None and not stream.response.first_byte_ns:
            stream.response.first_byte_ns = self._now_ns()
        return stream

    def _data(self, stream: Stream, event: ngh2.DataReceived) -> None:
        data = event.data
        stream.response.received_bytes += len(data)
        self._unclaimed_received -= len(data)
        if not stream.data(data):
            self._cancel(stream, "too_large", long_body(stream.max_bytes))
        elif event.end_stream:
            self._complete(stream)

    def _complete(self, stream: Stream) -> None:
        """The response is complete; the rest of a request that is not sent yet is not wanted."""
        self._claim(stream.response)
        if stream.number in self._sending:
            self._reset(stream)
            stream.complete(self._now_ns())
        else:
            del self._streams[stream.number]
            stream.complete(self._now_ns())
            self._after_stream()

    def _cancel(self, stream: Stream, outcome: Outcome, problem: str) -> None:
        """End one request; the connection goes on."""
        if stream.number in self._streams:
            self._claim(stream.response)
            self._reset(stream)
            stream.fail(outcome, problem, self._now_ns())

    def _fail(self, stream: Stream, outcome: Outcome, problem: str) -> None:
        """End a request whose stream is over."""
        self._claim(stream.response)
        self._sending.pop(stream.number, None)
        del self._streams[stream.number]
        stream.fail(outcome, problem, self._now_ns())
        self._after_stream()

    def _reset(self, stream: Stream) -> None:
        """Tell the server, with what is written next, that nobody waits for a stream any more."""
        self._sending.pop(stream.number, None)
        del self._streams[stream.number]
        if not self._closed:
            self._session.reset_stream(stream.number, ngh2.ErrorCode.CANCEL)
        self._after_stream()

    def _after_stream(self) -> None:
        """There is room for another; or nothing keeps a connection that the server leaves."""
        if self._waiting:
            self._admit()
        if self._leaving and not self._streams and not self._closed:
            self._closed = True
            if self._transport is not None:
                self._transport.close()

    def _end(self, outcome: Outcome, problem: str | None = None) -> None:
        """End the connection, and with it every request that is under way."""
        self._closed = True
        for stream in list(self._streams.values()):
            self._claim(stream.response)
            self._sending.pop(stream.number, None)
            del self._streams[stream.number]
            stream.fail(outcome, problem or closed(stream.response), self._now_ns())
        self._admit()
        if self._transport is not None:
            self._transport.abort()

    def _claim_sent(self, response: Response) -> None:
        response.sent_bytes += self._unclaimed_sent
        self._unclaimed_sent = 0

    def _claim(self, response: Response) -> None:
        """Charge a response with what is not data of any: frames, headers, window updates."""
        self._claim_sent(response)
        if response.first_byte_ns:
            response.received_bytes += self._unclaimed_received
            self._unclaimed_received = 0

    # --- sending ----------------------------------------------------------------------------

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


def _name(error_code: int) -> str:
    """The name of an error code, as RFC 9113 section 7 has it."""
    try:
        return ngh2.ErrorCode(error_code).name
    except ValueError:
        return f"error {error_code:#x}"
