"""Requests as they will be sent, and the URLs that they go to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, urlsplit

_PORTS: Final = {"http": 80, "https": 443}
_UPGRADED: Final = {"ws": "http", "wss": "https", "http": "http", "https": "https"}
#: characters that a target may hold as they are (RFC 3986: unreserved, reserved, and % itself)
AS_IS: Final = "/?#[]@!$&'()*+,;=:%-._~"
_NOT_AS_IS: Final = re.compile(r"[\x00-\x20\x7f\"<>\\^`{|}]")


class Origin(NamedTuple):
    """Where a connection goes to; requests to equal origins may share one."""

    scheme: str  # http | https
    host: str  # name or address, without brackets
    port: int

    @property
    def authority(self) -> str:
        """The value of a Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


@dataclass(frozen=True, slots=True)
class FileContent:
    """The content of a file that is read while it is sent."""

    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class StreamedBody:
    """A body too large to be in memory: bytes and files, in order."""

    parts: tuple[bytes | FileContent, ...]

    @property
    def length(self) -> int:
        """Bytes that it has."""
        return sum(len(part) if isinstance(part, bytes) else part.size_bytes for part in self.parts)


class Request:
    """One request, rendered: only what its sender adds (identity, cookies) is missing.

    Nobody changes one. No dataclass: what those make stays interpreted, and takes longer.
    """

    __slots__ = ("around", "body", "encoded", "headers", "method", "origin", "target")

    def __init__(
        self,
        origin: Origin,
        method: str,
        target: bytes,
        headers: bytes,
        body: bytes | StreamedBody | None,
        around: tuple[bytes, bytes] | None = None,
    ) -> None:
        """`around`: what `line_parts` gives for it, if that is known already."""
        self.origin = origin
        self.method = method
        self.target = target  # path and query, as they stand in the request line
        self.headers = headers  # "Name: value\r\n" lines, without Host, Cookie and Content-Length
        self.body = body
        self.around = around
        #: what `encode` gives without more headers, kept for a request that is sent again and again
        self.encoded: bytes | None = None

    @property
    def path(self) -> str:
        """The path alone, as cookies see it."""
        return self.target.partition(b"?")[0].decode("latin-1")

    def encode(self, more_headers: tuple[bytes, ...] = ()) -> bytes:
        """The bytes for the socket, without a streamed body; `more_headers` are whole lines."""
        if self.encoded is not None and not more_headers:
            return self.encoded
        around = self.around
        start, host = line_parts(self.method, self.origin) if around is None else around
        body = self.body
        content, end = b"", b"\r\n"
        if type(body) is bytes:
            content, end = body, length_line(len(body))
        elif type(body) is StreamedBody:
            end = length_line(body.length)
        if not more_headers:
            return b"".join([start, self.target, host, self.headers, end, content])
        return b"".join([start, self.target, host, self.headers, *more_headers, end, content])


@lru_cache(maxsize=256)
def line_parts(method: str, origin: Origin) -> tuple[bytes, bytes]:
    """What stands around the target: `METHOD ` before it, version and Host after it."""
    return f"{method} ".encode(), f" HTTP/1.1\r\nHost: {origin.authority}\r\n".encode()


#: by length: bodies under load are mostly of a few lengths, and bytes are slow to format
_LENGTH_LINES: Final[dict[int, bytes]] = {}
_MOST_LENGTH_LINES: Final = 4_096


def length_line(size: int) -> bytes:
    """The header line that tells a body's length, and the end of the head."""
    line = _LENGTH_LINES.get(size)
    if line is None:
        line = b"Content-Length: %d\r\n\r\n" % size
        if len(_LENGTH_LINES) < _MOST_LENGTH_LINES:
            _LENGTH_LINES[size] = line
    return line


class InvalidUrlError(ValueError):
    """A URL that no request can go to."""


def split_url(url: str) -> tuple[Origin, bytes]:
    """Origin and request target of an absolute URL; a fragment is dropped.

    Raises:
        InvalidUrlError: not http or https, no host, a port that is none, or credentials in it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidUrlError(f"{url!r} is not a URL: {error}") from None
    if parts.scheme not in _PORTS:
        raise InvalidUrlError(f"{url!r} is not an http or https URL")
    if not parts.hostname:
        raise InvalidUrlError(f"{url!r} names no host")
    if parts.username is not None:
        raise InvalidUrlError(f"{parts.hostname}: credentials do not belong into a URL")
    origin = Origin(parts.scheme, parts.hostname, port or _PORTS[parts.scheme])
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return origin, encode_target(target)


def as_http(url: str) -> str:
    """A URL of ws or wss with the scheme of HTTP that it upgrades (RFC 6455 section 3).

    Raises:
        InvalidUrlError: its scheme is none of ws, wss, http and https.
    """
    scheme, separator, rest = url.partition("://")
    found = _UPGRADED.get(scheme.lower())
    if not separator or found is None:
        raise InvalidUrlError(f"{url.partition('?')[0]!r} is not a ws or wss URL")
    return f"{found}://{rest}"


def encode_target(text: str) -> bytes:
    """A path and query as they stand in a request line; what may not stand there is escaped."""
    if text.isascii() and not _NOT_AS_IS.search(text):
        return text.encode()
    return quote(text, safe=AS_IS).encode()
