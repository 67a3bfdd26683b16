"""Reading a response: what the parser finds becomes a `Response`, within limits.

httptools (llhttp) calls the `on_…` methods while it is fed. `ResponseReader` is the base of
`Connection`, one class cut in two for its length: here is how a response is framed, when it has
ended, and what becomes of the connection then; sending, and asyncio's callbacks, are in wire.
Sources: RFC 9110, RFC 9112.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httptools

from wedload.protocols.http.decoding import decode_body
from wedload.protocols.http.limits import MOST_HEAD_BYTES, MOST_INTERIM, SWITCHING
from wedload.protocols.http.problems import SWITCHED, flood, long_body, long_head

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from wedload.metrics.outcome import Outcome
    from wedload.protocols.http.response import Response

_INTERIM: Final = range(100, 200)
_BODYLESS: Final = frozenset({204, 304})
#: lengths of the names of headers that matter here: set-cookie, content-length, …-encoding
_NOTED_LENGTHS: Final = frozenset({10, 14, 16, 17})


class ResponseReader:
    """The response under way on a connection, and whether the connection outlives it."""

    __slots__ = (
        "_body", "_body_bytes", "_chunked", "_chunked_or_sized", "_closed", "_encoding", "_head",
        "_headers", "_interim", "_interim_of", "_keep_body", "_layered", "_max_bytes", "_now_ns",
        "_parser", "_transport", "_waiter", "response",
    )  # fmt: skip

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Response] | None = None  # of who waits for the response
        self._closed = False
        self._max_bytes = 0
        self._head = False
        self._body: list[bytes] = []
        self._body_bytes = 0
        self._keep_body = True  # or count it only
        self._encoding = b""
        self._chunked = False
        self._layered = False  # chunked or encoded: there is something to do in the end
        self._chunked_or_sized = False
        self._headers = 0  # how many came before the body, if it is chunked
        self._interim = 0  # responses before the final one, …
        self._interim_of: Response | None = None  # … of this one
        self.response: Response | None = None  # under way
        self._parser = httptools.HttpResponseParser(self)

    @property
    def usable(self) -> bool:
        """Whether another request may be sent."""
        return not self._closed and self.response is None

    def discard_body(self) -> None:
        """Throw away the body of the next response: it is read and counted only."""
        self._keep_body = False

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
        if length not in _NOTED_LENGTHS:
            return
        if length == 10:
            response.sets_cookies = response.sets_cookies or name.lower() == b"set-cookie"
        elif length == 14 and name.lower() == b"content-length":
            self._chunked_or_sized = True
        elif length == 17 and name.lower() == b"transfer-encoding" and not response.status:
            coding = value.strip().lower()
            if coding == b"chunked":
                self._layered = self._chunked = self._chunked_or_sized = True
            elif coding != b"identity":  # others must be asked for (RFC 9112 section 7.4)
                raise ValueError(f"Transfer-Encoding {value.decode('latin-1')!r} was not asked for")
        elif length == 16 and name.lower() == b"content-encoding" and not response.status:
            coding = value.strip().lower()
            self._layered = True
            self._encoding = self._encoding + b"," + coding if self._encoding else coding

    def on_headers_complete(self) -> None:
        """Status and headers are there."""
        response = self.response
        if response is None:
            raise ValueError("a second response to one request")
        status = self._parser.get_status_code()
        if status == SWITCHING:  # the parser reports it as an upgrade
            self._fail("protocol", SWITCHED)
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
            self._fail("too_large", long_body(self._max_bytes))
        elif self._keep_body:
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
        if response.sent_ns == 0:
            self.abort()  # answered before all was sent: the rest must not precede the next request
        elif not (self._parser.should_keep_alive() or (self._head and self._persists(response))):
            self.close()
        body = b"".join(self._body) if len(self._body) != 1 else self._body[0]
        if self._layered:
            try:
                body = self._take_off(response, body)
            except ValueError as error:
                self._fail("protocol", str(error))
                return
            except OverflowError as error:
                self._fail("too_large", str(error))
                return
        response.body = body
        self._finish()

    # --- inside -----------------------------------------------------------------------------

    def _take_off(self, response: Response, body: bytes) -> bytes:
        """Drop trailers, which are no headers, and undo the codings of a body."""
        if self._chunked and len(response.raw_headers) > self._headers:
            del response.raw_headers[self._headers :]
        if self._encoding and body:
            body = decode_body(body, self._encoding, self._max_bytes)
        return body

    def _skip_interim(self, response: Response) -> None:
        """Forget a 1xx response: the real one follows, unless they do not end."""
        response.raw_headers.clear()
        self._encoding = b""
        self._layered = self._chunked = self._chunked_or_sized = False
        if self._interim_of is not response:
            self._interim_of, self._interim = response, 0
        self._interim += 1
        if self._interim > MOST_INTERIM:
            self._fail("protocol", flood())

    def _limit_head(self, response: Response) -> None:
        """Give up a response that has more headers and trailers than it may."""
        lines = response.raw_headers
        if not response.status or sum(len(n) + len(v) + 4 for n, v in lines) > MOST_HEAD_BYTES:
            self._fail("too_large", long_head())

    def _persists(self, response: Response) -> bool:
        """Whether a connection outlives a response that has no body.

        The parser would have a body without a length last until the connection ends.
        Source: RFC 9112 section 9.3.
        """
        options = [v.lower() for n, v in response.raw_headers if n.lower() == b"connection"]
        if self._parser.get_http_version() == "1.1":
            return not any(b"close" in option for option in options)
        return any(b"keep-alive" in option for option in options)

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
        self._keep_body = True
        self._chunked_or_sized = False
        if self._layered:
            self._encoding = b""
            self._layered = self._chunked = False
        if not waiter.done():
            waiter.set_result(response)
