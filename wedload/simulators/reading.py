"""Reading requests: what the parser finds becomes a `Request` or a refusal, within limits.

httptools (llhttp) calls the `on_…` methods while it is fed. `RequestReader` is the base of
`Connection`, one class cut in three for its length: here is how a request is framed.
Sources: RFC 9110, RFC 9112.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httptools

from wedload.simulators.rendering import GARBAGE, LONG_HEAD, TOO_LARGE
from wedload.simulators.request import Request

if TYPE_CHECKING:
    from wedload.simulators.limits import Limits
    from wedload.simulators.rendering import Refusal

#: what is fed at once: how much of a piece belongs to the request that it ends with is not known
SLICE_BYTES: Final = 64 * 1024
#: the fewest bytes that a piece of a chunked body is sent with: its length, twice CR LF, itself
_CHUNK_BYTES: Final = 6


class RequestReader:
    """The request under way on a connection."""

    __slots__ = (
        "_at_ns", "_body", "_body_bytes", "_ended", "_header_bytes", "_headers", "_limits",
        "_lines", "_method", "_parser", "_received", "_resuming", "_under_way", "_upgrading",
        "_url", "overdue_ns",
    )  # fmt: skip

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = httptools.HttpRequestParser(self)
        self._at_ns = 0  # when what is being read came
        self._ended = False  # nothing that still comes is read
        self._under_way = False  # a request is: its first byte has come, its last has not
        self._upgrading = False  # the parser thinks that no HTTP follows
        self._resuming = False  # it is told a head for the second time
        self.overdue_ns = 0  # when the sweep ends what is under way; 0: nothing is
        self._method = ""
        self._url = b""
        self._lines: list[tuple[bytes, bytes]] = []
        self._header_bytes = 0
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._received = 0  # bytes of the request, and what came with its first

    def feed(self, data: bytes | memoryview) -> None:
        """Parse what came, at most `SLICE_BYTES`."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay(bytes(data[upgrade.args[0] :]))
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None  # a defect of ours, not the client's
        except httptools.HttpParserError:
            if not self._ended:
                self._refuse(GARBAGE)
        if self._under_way and not self._ended:
            self._received += len(data)
            # headers, trailers and what frames a chunked body
            framing = self._received - _CHUNK_BYTES * self._body_bytes
            if framing > self._limits.head_bytes + SLICE_BYTES:
                self._refuse(LONG_HEAD)

    # --- the parser's callbacks -------------------------------------------------------------

    def on_message_begin(self) -> None:
        """The first byte of a request is there."""
        if self._ended or self._resuming:
            return
        self._url = b""
        self._lines = []
        self._header_bytes = 0
        self._body = []
        self._body_bytes = self._received = 0
        self._under_way = True
        self.overdue_ns = self._at_ns + self._limits.whole_ns

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
        """Refuse what is too much, before its body is read."""
        if self._ended or self._resuming:
            return
        if len(self._url) + self._header_bytes > self._limits.head_bytes:
            self._refuse(LONG_HEAD)
            return
        if not self._lines and self._parser.get_http_version() == "0.9":
            self._refuse(GARBAGE)  # the parser takes one line, of anything, for a request
            return
        self._method = self._parser.get_method().decode("latin-1")
        self._upgrading = self._parser.should_upgrade()
        headers = self._headers = by_name(self._lines)
        # digits only, of no more than 64 bits: the parser has seen to it, but for zeros before them
        length = headers.get("content-length", "").lstrip("0") or "0"
        if int(length) > self._limits.body_bytes:
            self._refuse(TOO_LARGE)
        elif headers.get("expect", "").lower() == "100-continue":
            self._encourage()

    def on_body(self, data: bytes) -> None:
        """Collect a piece of the body, up to the limit."""
        if self._ended:
            return
        self._body_bytes += len(data)
        if self._body_bytes > self._limits.body_bytes:
            self._refuse(TOO_LARGE)
        else:
            self._body.append(data)

    def on_message_complete(self) -> None:
        """The last byte is there."""
        if self._ended or self._upgrading:
            return
        self._under_way = False
        self.overdue_ns = 0
        request = Request(
            self._method,
            self._url.decode("latin-1"),
            self._headers,
            b"".join(self._body),
            arrived_ns=self._at_ns,
        )
        self._body = []
        self._take(request, keep_alive=self._parser.should_keep_alive())

    # --- inside -----------------------------------------------------------------------------

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

    def _take(self, request: Request, *, keep_alive: bool) -> None:
        raise NotImplementedError

    def _refuse(self, refusal: Refusal) -> None:
        raise NotImplementedError

    def _encourage(self) -> None:
        raise NotImplementedError


def by_name(lines: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; those that come twice are one list (RFC 9110, section 5.3)."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in lines:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1").strip(" \t")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
