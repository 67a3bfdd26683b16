"""Content codings: a response's body as it was before its server encoded it. Pure.

Sources: RFC 9110 section 8.4.1 (gzip, deflate), RFC 1952 section 2.2 (members).
"""

from __future__ import annotations

import zlib
from typing import Any, Final

_DECODERS: Final[dict[bytes, int]] = {
    b"gzip": zlib.MAX_WBITS | 16,
    b"x-gzip": zlib.MAX_WBITS | 16,
    b"deflate": zlib.MAX_WBITS,
}
_GZIP_MAGIC: Final = b"\x1f\x8b"


def decode_body(body: bytes, encoding: bytes, max_bytes: int) -> bytes:
    """Undo a Content-Encoding.

    Raises:
        ValueError: an unknown encoding, or broken data.
        OverflowError: it decodes to more than `max_bytes`.
    """
    if encoding == b"identity":
        return body
    window = _DECODERS.get(encoding)
    if window is None:
        raise ValueError(f"unknown Content-Encoding {encoding.decode('latin-1')!r}")
    if encoding == b"deflate" and body[0] & 0x0F != 8:
        window = -zlib.MAX_WBITS  # raw deflate, which some servers send under this name
    decoded: bytes = b""
    while True:
        decoder: Any = zlib.decompressobj(window)
        try:
            decoded += decoder.decompress(body, max_bytes + 1 - len(decoded))
        except zlib.error as error:
            raise ValueError(f"broken {encoding.decode()} body: {error}") from None
        if len(decoded) > max_bytes:
            raise OverflowError(f"the body decodes to more than {max_bytes:,} bytes")
        if not decoder.eof:
            raise ValueError(f"the {encoding.decode()} body ends too early")
        body = decoder.unused_data
        if not body.startswith(_GZIP_MAGIC):  # of another member (RFC 1952 section 2.2)
            return decoded
