"""Responses: what became of a request, as checks, captures and the recorder read it."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from wedload.bounded import parse_json
from wedload.metrics.outcome import OURS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wedload.metrics.outcome import Outcome


@dataclass(slots=True)
class Connecting:
    """How long it took to get a connection, ns; a part that did not happen is None."""

    blocked_ns: int = 0
    looking_up_ns: int | None = None
    connecting_ns: int | None = None
    tls_handshaking_ns: int | None = None
    again: bool = False  # in place of one that the server had ended while it was idle

    def parts(self) -> Iterator[tuple[str, int]]:
        """What happened, as (metric, ns)."""
        yield "http_req_blocked", self.blocked_ns
        if self.looking_up_ns is not None:
            yield "http_req_looking_up", self.looking_up_ns
        if self.connecting_ns is not None:
            yield "http_req_connecting", self.connecting_ns
        if self.tls_handshaking_ns is not None:
            yield "http_req_tls_handshaking", self.tls_handshaking_ns


_UNPARSED: Final[Any] = object()
_NO_COOKIES: Final[Mapping[str, str]] = MappingProxyType({})


class Response:
    """What became of a request. Times are instants of the clock, ns; 0: it did not get so far.

    What is mostly so is a default of the class: one is made for every request.
    """

    sent_ns = 0  # last byte handed over
    first_byte_ns = 0
    ended_ns = 0
    status = 0
    body = b""
    outcome: Outcome = "ok"
    problem: str | None = None  # in words, for a failed one
    connecting: Connecting | None = None  # if a connection was made for it
    sent_bytes = 0
    received_bytes = 0
    earlier_hops_ns = 0  # duration of the redirects that led here
    first_sent_ns = 0  # when the first of those was sent, or itself
    sets_cookies = False  # whether there is a Set-Cookie among its headers
    _headers: dict[str, str] | None = None
    _text: str | None = None

    def __init__(self, started_ns: int) -> None:
        self.started_ns = started_ns  # first byte handed to the socket
        self.raw_headers: list[tuple[bytes, bytes]] = []
        self.cookies: Mapping[str, str] = _NO_COOKIES
        self._json: Any = _UNPARSED

    # --- for clients ------------------------------------------------------------------------

    def unsent(self, outcome: Outcome, problem: str, now_ns: int) -> Response:
        """Itself, failed before any of the request was sent.

        A time-out is recorded with its full wait; otherwise there is nothing to time.
        """
        self.outcome, self.problem = outcome, problem
        self.ended_ns = self.first_byte_ns = now_ns
        self.sent_ns = self.started_ns if outcome == "timeout" else 0
        self.sent_bytes = 0
        return self

    def waited_since(self, wanted_ns: int) -> None:
        """Set when the wait of a time-out has begun: when somebody wanted the request sent."""
        self.sent_ns -= self.started_ns - wanted_ns
        self.started_ns = wanted_ns

    # --- what expressions read --------------------------------------------------------------

    @property
    def duration(self) -> int:
        """Sending + waiting + receiving, ns; of all hops, if it was redirected."""
        return self.ended_ns - self.started_ns + self.earlier_hops_ns

    @property
    def waiting(self) -> int:
        """Request sent until the first byte of the response, ns."""
        return self.first_byte_ns - self.sent_ns

    @property
    def headers(self) -> dict[str, str]:
        """By lower-case name; values of a repeated header are joined with a comma."""
        if self._headers is None:
            found: dict[str, str] = {}
            for raw_name, raw_value in self.raw_headers:
                name = raw_name.decode("latin-1").lower()
                value = raw_value.decode("latin-1").strip(" \t")
                found[name] = f"{found[name]}, {value}" if name in found else value
            self._headers = found
        return self._headers

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        if self._text is None:
            self._text = self.body.decode("utf-8", "replace")
        return self._text

    @property
    def json(self) -> Any:
        """The body as JSON, parsed when first asked for.

        Raises:
            ValueError: it is not JSON.
        """
        if self._json is _UNPARSED:
            self._json = parse_json(self.body)
        return self._json


def unopened(error: OSError, now_ns: int) -> Response:
    """The response to a request whose file could not be opened, as there were too many already.

    That is a failure like that of a connection that there is no file left for.

    Raises:
        OSError: it is for something else that a body could not be read.
    """
    if error.errno not in {errno.EMFILE, errno.ENFILE}:
        raise error
    # its connection was ended in the middle, but nothing is timed: none of it was the server's
    problem = f"{error.filename}: {os.strerror(error.errno)}"
    return Response(now_ns).unsent(OURS[error.errno], problem, now_ns)
