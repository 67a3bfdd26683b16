"""Content codings: a response's body as it was before its server encoded it. Pure.

gzip and deflate are always there; brotli and zstd if their packages are (`wedload[compression]`).
Every decoder stops at the limit, however small a body claims to be.

Sources: RFC 9110 section 8.4.1 (gzip, deflate), RFC 1952 section 2.2 (members), RFC 7932 (br),
RFC 8878 and RFC 9659 (zstd, and its largest window).
"""

from __future__ import annotations

import importlib
import zlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_GZIP_MAGIC: Final = b"\x1f\x8b"
_RAW_DEFLATE: Final = -zlib.MAX_WBITS
#: RFC 9659: a zstd body on the web needs no larger window than 8 MB
_ZSTD_WINDOW_LOG: Final = 23
#: codings upon each other in one response: as many as curl undoes (MAX_ENCODE_STACK)
_MOST_CODINGS: Final = 5
#: members of a gzip body, and frames of a zstd one, behind each other: what compresses in parallel
#: makes one of every 128 kB or more; each costs a copy of what is left
_MOST_MEMBERS: Final = 1_000


def _optional(*names: str) -> Any:
    """The first of some modules that is installed; None if none is."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


_brotli: Final = _optional("brotli")
_zstd: Final = _optional("compression.zstd", "backports.zstd")


def decode_body(body: bytes, encoding: bytes, max_bytes: int) -> bytes:
    """Undo a Content-Encoding; several codings, in the order in which they were applied.

    Raises:
        ValueError: an unknown coding, or broken data.
        OverflowError: it decodes to more than `max_bytes`.
    """
    codings = [coding.strip() for coding in encoding.split(b",")]
    if len(codings) > _MOST_CODINGS:
        raise ValueError(f"more than {_MOST_CODINGS} codings in one Content-Encoding")
    for coding in reversed(codings):
        name = coding.decode("latin-1")
        decode = _DECODERS.get(name)
        if decode is None:
            hint = f"; it needs {_MISSING[name]}" if name in _MISSING else ""
            raise ValueError(f"unknown Content-Encoding {name!r}{hint}")
        body = decode(body, max_bytes) if body else body
        if len(body) > max_bytes:
            raise OverflowError(f"the body decodes to more than {max_bytes:,} bytes")
    return body


def _identity(body: bytes, _max_bytes: int) -> bytes:
    return body


def _gzip(body: bytes, max_bytes: int) -> bytes:
    """Undo gzip, member after member."""
    decoded = b""
    for _ in range(_MOST_MEMBERS):
        more, body = _inflate(body, zlib.MAX_WBITS | 16, "gzip", max_bytes - len(decoded))
        decoded += more
        if len(decoded) > max_bytes or not body.startswith(_GZIP_MAGIC):
            return decoded
    raise ValueError(f"the gzip body has more than {_MOST_MEMBERS:,} members")


def _deflate(body: bytes, max_bytes: int) -> bytes:
    """Undo zlib's format, or raw deflate, which some servers send under this name."""
    window = zlib.MAX_WBITS if body[0] & 0x0F == 8 else _RAW_DEFLATE
    return _inflate(body, window, "deflate", max_bytes)[0]


def _inflate(body: bytes, window: int, name: str, max_bytes: int) -> tuple[bytes, bytes]:
    """What one stream decodes to (at most a byte more than the limit), and what follows it."""
    decoder = zlib.decompressobj(window)
    try:
        decoded = decoder.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise ValueError(f"broken {name} body: {error}") from None
    if not decoder.eof and len(decoded) <= max_bytes:
        raise ValueError(f"the {name} body ends too early")
    return decoded, decoder.unused_data


def _br(body: bytes, max_bytes: int) -> bytes:
    decoder = _brotli.Decompressor()
    decoded = b""
    try:
        while len(decoded) <= max_bytes and not decoder.is_finished():
            more = decoder.process(body, output_buffer_limit=max_bytes + 1 - len(decoded))
            if not more and not decoder.is_finished() and decoder.can_accept_more_data():
                raise ValueError("the br body ends too early")
            decoded += more
            body = b""
    except _brotli.error as error:
        raise ValueError(f"broken br body: {error}") from None
    return decoded


def _zst(body: bytes, max_bytes: int) -> bytes:
    """Undo zstd, frame after frame."""
    decoded, frames = b"", 0
    window = {_zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
    while body and len(decoded) <= max_bytes:
        decoder = _zstd.ZstdDecompressor(options=window)
        try:
            decoded += decoder.decompress(body, max_bytes + 1 - len(decoded))
        except _zstd.ZstdError as error:
            raise ValueError(f"broken zstd body: {error}") from None
        if not decoder.eof and len(decoded) <= max_bytes:
            raise ValueError("the zstd body ends too early")
        body, frames = decoder.unused_data, frames + 1
        if body and frames == _MOST_MEMBERS:
            raise ValueError(f"the zstd body has more than {_MOST_MEMBERS:,} frames")
    return decoded


_DECODERS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "identity": _identity,
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    **({"br": _br} if _brotli is not None else {}),
    **({"zstd": _zst} if _zstd is not None else {}),
}
_EXTRA: Final = "the package {}: pip install 'wedload[compression]'"
_MISSING: Final = {
    coding: _EXTRA.format(package)
    for coding, package in (("br", "brotli"), ("zstd", "backports.zstd"))
    if coding not in _DECODERS
}
#: what a request may offer: only what is decoded here
ACCEPT_ENCODING: Final = ", ".join(
    coding for coding in ("gzip", "deflate", "br", "zstd") if coding in _DECODERS
)
