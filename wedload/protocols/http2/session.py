"""The streams of a connection of HTTP/2, by `ngh2` (libnghttp2): the only file that knows it.

Frames, header compression, flow control and the checks of RFC 9113 are libnghttp2's; here its
events become responses. `Http2Connection` is this with a transport, one class cut in two for its
length: here is what becomes of streams, there how bytes come and go, and when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import ngh2

from wedload.protocols.http.limits import MOST_HEAD_BYTES
from wedload.protocols.http.problems import closed, long_body
from wedload.workload.request import StreamedBody

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from wedload.metrics.outcome import Outcome
    from wedload.protocols.http.response import Response
    from wedload.protocols.http2.stream import Stream

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


class Http2Session:
    """Which requests are under way, and what the server says of them."""

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

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return not (self._closed or self._leaving)

    # --- requests ---------------------------------------------------------------------------

    def _open(
        self, stream: Stream, fields: list[tuple[bytes, bytes]], body: bytes | StreamedBody | None
    ) -> bool:
        """Begin a request, with the body if it is in memory; False: on another connection only."""
        try:
            number = self._session.send_request(fields, end_stream=not body)
        except ngh2.NGH2Error:  # out of numbers, or closing
            self._leaving = True
            return False
        stream.number = number
        self._streams[number] = self._sending[number] = stream
        if body and type(body) is not StreamedBody:
            self._session.send_data(number, cast("bytes", body), end_stream=True)
        return True

    def _admit(self) -> None:
        """Wake as many of those that wait as there is room for; all, if there is none any more."""
        room = self._most_streams - len(self._streams) if self.usable else len(self._waiting)
        for waiter in self._waiting[: max(room, 0)]:
            if not waiter.done():
                waiter.set_result(None)
        del self._waiting[: max(room, 0)]

    # --- what comes back --------------------------------------------------------------------

    def _feed(self, data: bytes | memoryview) -> None:
        """Take what has come; the connection may be at its end then."""
        self._unclaimed_received += len(data)
        try:
            self._session.receive_data(data)
        except ngh2.DenialOfServiceError as error:
            # the one limit of ours that has no frame to tell a stream apart
            outcome: Outcome = "too_large" if "header" in str(error) else "protocol"
            self._end(outcome, f"HTTP/2: {error}")
        except ngh2.NGH2Error as error:
            self._end("protocol", f"HTTP/2: {error}")
        else:
            self._take_events()

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
        said += "…" if len(event.debug_data) > 200 else ""
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


def _name(error_code: int) -> str:
    """The name of an error code, as RFC 9113 section 7 has it."""
    try:
        return ngh2.ErrorCode(error_code).name
    except ValueError:
        return f"error {error_code:#x}"
