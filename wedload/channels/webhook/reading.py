"""Reading requests: what the parser finds becomes an attempt or a refusal, within limits.

httptools (llhttp) calls the `on_…` methods while it is fed. `RequestReader` is the base of
`Connection`, one class cut in two for its length: here is how a request is framed and judged; what
is written, and asyncio's callbacks, are in connection. Sources: RFC 9110, RFC 9112.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httptools

from wedload.channels.webhook.limits import HEAD_BYTES
from wedload.channels.webhook.replies import (
    CONTINUE,
    GARBAGE,
    LONG_HEAD,
    TOO_LARGE,
    WRONG_METHOD,
    WRONG_PATH,
    refused,
)

if TYPE_CHECKING:
    from wedload.channels.webhook.replies import Refusal, Reply
    from wedload.channels.webhook.service import Service

#: what is fed at once: how much of a piece belongs to the request that it ends with is not known
SLICE_BYTES: Final = 64 * 1024
#: the fewest bytes that a piece of a chunked body is sent with: its length, twice CR LF, itself
_CHUNK_BYTES: Final = 6


class RequestReader:
    """The request under way on a connection."""

    __slots__ = (
        "_at_ns", "_body", "_body_bytes", "_ended", "_head_only", "_header_bytes", "_headers",
        "_lines", "_parser", "_received", "_refusal", "_resuming", "_service",
        "_under_way", "_upgrading", "_url", "overdue_ns", "unread_ns",
    )  # fmt: skip

    def __init__(self, service: Service) -> None:
        self._service = service
        self._parser = httptools.HttpRequestParser(self)
        self._at_ns = 0  # when what is being read came
        self._ended = False  # nothing that still comes is read
        self._under_way = False  # a request is: its first byte has come, its last has not
        self._upgrading = False  # the parser thinks that no HTTP follows
        self._resuming = False  # it is told a head for the second time
        self.overdue_ns = 0  # when the sweep ends what is under way; 0: nothing is
        self.unread_ns = 0  # when it does so as answers are not read; 0: they are
        self._url = b""
        self._lines: list[tuple[bytes, bytes]] = []
        self._header_bytes = 0
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._received = 0  # bytes of the request, and what came with its first
        self._head_only = False  # what is asked for has no body
        self._refusal: Refusal | None = None  # that the request will get

    def feed(self, data: bytes | memoryview) -> None:
        """Parse what came, at most `SLICE_BYTES`."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay(bytes(data[upgrade.args[0] :]))
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None  # a defect of ours, not the sender's
        except httptools.HttpParserError:
            if not self._ended:
                self._end_with(GARBAGE)
        if self._under_way and not self._ended:
            self._received += len(data)
            # headers, trailers and what frames a chunked body
            if self._received - _CHUNK_BYTES * self._body_bytes > HEAD_BYTES + SLICE_BYTES:
                self._end_with(LONG_HEAD)

    # --- the parser's callbacks -------------------------------------------------------------

    def on_message_begin(self) -> None:
        """The first byte of a request is there."""
        if not (self._ended or self._resuming):
            self._begin()
            self._under_way = True
            self.overdue_ns = self._at_ns + self._service.limits.whole_ns

    def on_url(self, url: bytes) -> None:
        """A piece of what is asked for."""
        if not (self._ended or self._resuming):
            self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer of a chunked body, which nobody looks at."""
        if not (self._ended or self._resuming):
            self._header_bytes += len(name) + len(value) + 4
            self._lines.append((name, value))

    def on_headers_complete(self) -> None:
        """Refuse what will be no delivery, before its body is read if that is large."""
        if self._ended or self._resuming:
            return
        if len(self._url) + self._header_bytes > HEAD_BYTES:
            self._end_with(LONG_HEAD)
            return
        if not self._lines and self._parser.get_http_version() == "0.9":
            self._end_with(GARBAGE)  # the parser takes one line, of anything, for a request
            return
        method = self._parser.get_method()
        self._head_only = method == b"HEAD"
        self._upgrading = self._parser.should_upgrade()
        headers = self._headers = by_name(self._lines)
        if not self._service.is_path(self._url):
            self._refusal = WRONG_PATH
        elif method != b"POST":
            self._refusal = WRONG_METHOD
        else:
            self._service.deliveries.begin()
        # digits only, of no more than 64 bits: the parser has seen to it, but for zeros before them
        length = headers.get("content-length", "").lstrip("0") or "0"
        if int(length) > self._service.max_body:
            self._end_with(self._refusal or TOO_LARGE)
        elif "expect" in headers and headers["expect"].lower() == "100-continue":
            if self._refusal is None:
                self._write(CONTINUE)
            else:
                self._end_with(self._refusal)

    def on_body(self, data: bytes) -> None:
        """Collect a piece of the body, up to the limit."""
        if self._ended:
            return
        self._body_bytes += len(data)
        if self._body_bytes > self._service.max_body:
            self._end_with(self._refusal or TOO_LARGE)
        elif self._refusal is None:
            self._body.append(data)

    def on_message_complete(self) -> None:
        """The last byte is there: answer."""
        if self._ended or self._upgrading:
            return
        self._under_way = False
        self.overdue_ns = self.unread_ns
        deliveries = self._service.deliveries
        if self._refusal is not None:
            deliveries.refuse(self._refusal)
            reply = refused(self._refusal)
        else:
            body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            reply = deliveries.take(self._headers, body, self._at_ns)
        self._answer(reply, keep_alive=self._parser.should_keep_alive())

    # --- inside -----------------------------------------------------------------------------

    def _begin(self) -> None:
        """Forget the request before."""
        self._url = b""
        self._lines = []
        self._header_bytes = 0
        self._body = []
        self._body_bytes = self._received = 0
        self._head_only = False
        self._refusal = None

    def _stay(self, rest: bytes) -> None:
        """Stay with HTTP/1.1: an offer of another protocol may be ignored (RFC 9110, 7.8).

        Java's client makes it with every first request. The parser drops the body that comes with
        it; a second one that is told how that is framed does not.
        """
        self._upgrading = False
        if self._ended:
            return
        framing = "".join(
            f"{name}: {self._headers[name]}\r\n"
            for name in ("content-length", "transfer-encoding")
            if name in self._headers
        )
        self._parser = httptools.HttpRequestParser(self)
        self._resuming = True
        self._parser.feed_data(f"POST / HTTP/1.1\r\n{framing}\r\n".encode("latin-1"))
        self._resuming = False
        if rest:
            self.feed(rest)

    def _answer(self, reply: Reply, *, keep_alive: bool) -> None:
        raise NotImplementedError

    def _end_with(self, refusal: Refusal) -> None:
        raise NotImplementedError

    def _write(self, data: bytes) -> None:
        raise NotImplementedError


def by_name(lines: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; those that come twice are one list (RFC 9110, section 5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in lines:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1").strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
