"""Header fields of a request as HTTP/2 has them: pseudo-headers, and names in lower case. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wedload.workload.request import Request

#: headers that belong to a connection of HTTP/1.1 and may not be sent (RFC 9113 section 8.2.2)
_OF_CONNECTIONS: Final = frozenset(
    {b"connection", b"host", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)


def fields_of(request: Request, headers: tuple[bytes, ...]) -> list[tuple[bytes, bytes]]:
    """All header fields of a request, in HTTP/2's form."""
    origin, body = request.origin, request.body
    fields = [
        (b":method", request.method.encode()),
        (b":scheme", origin.scheme.encode()),
        (b":authority", origin.authority.encode()),
        (b":path", request.target),
        *_pairs(request.headers),
    ]
    for line in headers:
        fields += _pairs(line)
    if body is not None:
        length = len(body) if isinstance(body, bytes) else body.length
        fields.append((b"content-length", b"%d" % length))
    return fields


@lru_cache(maxsize=4096)  # most are the same in every request
def _pairs(lines: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Header lines as pairs with lower-case names, without those of a connection."""
    pairs = []
    for line in lines.split(b"\r\n"):
        raw_name, _, value = line.partition(b":")
        name = raw_name.strip().lower()
        if not name or name in _OF_CONNECTIONS:
            continue
        if name == b"te" and value.strip().lower() != b"trailers":
            continue
        pairs.append((name, value.strip(b" \t")))
    return tuple(pairs)
