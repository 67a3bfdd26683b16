"""Conformance: a response that is broken is a failure of its kind, and does no further harm.

A row is a name, what the server does on the connection (bytes are sent; "close", "reset" and
"silence" are what they say; a list of bytes is sent for ever), and the outcome. Every client runs
through every row; the next request, to the same server on a new connection, must succeed, and
afterwards no socket may be left.
"""
# ruff: noqa: E501 - a row of the table is one line

from __future__ import annotations

import gzip
import sys
import zlib

import brotli
import pytest

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

OK_LINE = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK_LINE + b"Transfer-Encoding: chunked\r\n\r\n"
FIVE = OK_LINE + b"Content-Length: 5\r\n\r\n"
CLOSE_DELIMITED = OK_LINE + b"\r\n"


def encoded(encoding: bytes, body: bytes) -> bytes:
    head = b"Content-Encoding: %b\r\nContent-Length: %d\r\n\r\n" % (encoding, len(body))
    return OK_LINE + head + body


def deflated(data: bytes) -> bytes:
    return zlib.compress(data)


#: zstd with a window of 128 MB
_WIDE = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
WIDE = _WIDE.compress(bytes(1000)) + _WIDE.flush()
#: how far a response had come -> what had been sent by then
PHASES = {
    "in the status line": b"HTTP/1.1 2",
    "in the headers": OK_LINE + b"Content-Le",
    "after an interim response": b"HTTP/1.1 100 Continue\r\n\r\n",
    "in a body with a length": FIVE + b"hel",
    "in a chunk": CHUNKED + b"5\r\nhel",
    "between chunks": CHUNKED + b"5\r\nhello\r\n",
    "before the last line of the last chunk": CHUNKED + b"5\r\nhello\r\n0\r\n",
    "in the trailers": CHUNKED + b"0\r\nX-Sum: 1",
}
ROWS = [
    ("closed before the request", ("at once", "close"), "reset"),
    ("reset before the request", ("at once", "reset"), "reset"),
    ("closed after the request", ("close",), "reset"),
    ("reset after the request", ("reset",), "reset"),
    ("silent after the request", ("silence",), "timeout"),
    *((f"closed {where}", (sent, "close"), "reset") for where, sent in PHASES.items()),
    *((f"reset {where}", (sent, "reset"), "reset") for where, sent in PHASES.items()),
    *((f"silent {where}", (sent, "silence"), "timeout") for where, sent in PHASES.items()),
    ("reset in a body to the end", (CLOSE_DELIMITED + b"hel", "reset"), "reset"),
    ("silent in a body to the end", (CLOSE_DELIMITED + b"hel", "silence"), "timeout"),
    # --- lengths ---
    ("a length too long", (OK_LINE + b"Content-Length: 6\r\n\r\nhello", "close"), "reset"),
    ("a length that is none", (OK_LINE + b"Content-Length: five\r\n\r\n",), "protocol"),
    ("a negative length", (OK_LINE + b"Content-Length: -5\r\n\r\n",), "protocol"),
    ("a length beyond 64 bits", (OK_LINE + b"Content-Length: 99999999999999999999\r\n\r\n",), "protocol"),
    ("two lengths", (OK_LINE + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",), "protocol"),
    ("two lengths in one", (OK_LINE + b"Content-Length: 5, 6\r\n\r\nhello",), "protocol"),
    ("a length, then chunked", (OK_LINE + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",), "protocol"),
    ("chunked, then a length", (OK_LINE + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",), "protocol"),
    ("a coding that was not asked for", (OK_LINE + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",), "protocol"),
    ("chunked that is not the last coding", (OK_LINE + b"Transfer-Encoding: chunked, gzip\r\n\r\nhello", "close"), "protocol"),
    # --- chunks ---
    ("a chunk size that is none", (CHUNKED + b"xyz\r\nhello\r\n0\r\n\r\n",), "protocol"),
    ("a negative chunk size", (CHUNKED + b"-5\r\nhello\r\n0\r\n\r\n",), "protocol"),
    ("a chunk size beyond 64 bits", (CHUNKED + b"fffffffffffffffff\r\nhello",), "protocol"),
    ("a chunk longer than its size", (CHUNKED + b"5\r\nhello!!\r\n0\r\n\r\n",), "protocol"),
    ("a chunk shorter than its size", (CHUNKED + b"6\r\nhello\r\n0\r\n\r\n",), "protocol"),
    ("a length in the trailers", (CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n",), "protocol"),
    # --- what is not HTTP ---
    ("garbage", (b"\x00\x01\x02 garbage\r\n\r\n",), "protocol"),
    ("another protocol", (b"SSH-2.0-OpenSSH_9.2\r\n",), "protocol"),
    ("a TLS alert in clear", (b"\x15\x03\x01\x00\x02\x02\x28",), "protocol"),
    ("a status that is no number", (b"HTTP/1.1 abc OK\r\n\r\n",), "protocol"),
    ("a status of two digits", (b"HTTP/1.1 99 OK\r\n\r\n",), "protocol"),
    ("a version that is none", (b"HTTP/9.9 200 OK\r\n\r\n",), "protocol"),
    ("a header without colon", (OK_LINE + b"No colon here\r\n\r\n",), "protocol"),
    ("a header without name", (OK_LINE + b": value\r\n\r\n",), "protocol"),
    ("space before the colon", (OK_LINE + b"Content-Length : 5\r\n\r\nhello",), "protocol"),
    ("a NUL in a header", (OK_LINE + b"X: a\x00b\r\n\r\n",), "protocol"),
    ("a bare CR in a header", (OK_LINE + b"X: a\rContent-Length: 5\r\n\r\nhello",), "protocol"),
    ("switching protocols", (b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",), "protocol"),
    ("switching without saying to what", (b"HTTP/1.1 101 Switching Protocols\r\n\r\n",), "protocol"),
    # --- content codings ---
    ("an unknown coding", (encoded(b"compress", b"hello"),), "protocol"),
    ("gzip that is none", (encoded(b"gzip", b"hello"),), "protocol"),
    ("gzip cut short", (encoded(b"gzip", gzip.compress(b"hello" * 100)[:-9]),), "protocol"),
    ("gzip with a wrong sum", (encoded(b"gzip", gzip.compress(b"hello")[:-8] + bytes(8)),), "protocol"),
    ("deflate that is none", (encoded(b"deflate", b"\x07\xff\xff\xff"),), "protocol"),
    ("deflate cut short", (encoded(b"deflate", deflated(b"hello" * 100)[:-5]),), "protocol"),
    ("br that is none", (encoded(b"br", b"hello"),), "protocol"),
    ("br cut short", (encoded(b"br", brotli.compress(b"hello" * 100)[:-2]),), "protocol"),
    ("br, and more", (encoded(b"br", brotli.compress(b"hello") + b"more"),), "protocol"),
    ("zstd that is none", (encoded(b"zstd", b"hello world"),), "protocol"),
    ("zstd cut short", (encoded(b"zstd", zstd.compress(b"hello" * 100)[:-2]),), "protocol"),
    ("zstd with a larger window than the web's", (encoded(b"zstd", WIDE),), "protocol"),
    ("the second of two codings broken", (encoded(b"gzip, br", brotli.compress(b"hello")),), "protocol"),
    ("six codings", (encoded(b"gzip" + b", identity" * 5, gzip.compress(b"hello")),), "protocol"),
    # --- without end ---
    ("a reason without end", (b"HTTP/1.1 200 ", [b"very " * 1000]), "too_large"),
    ("a header without end", (OK_LINE + b"X: ", [b"v" * 10_000]), "too_large"),
    ("headers without end", (OK_LINE, [b"X-Flood: yes\r\n" * 100]), "too_large"),
    ("headers above the limit, all at once", (OK_LINE + b"X-Flood: yes\r\n" * 30_000 + b"\r\n",), "too_large"),
    ("trailers without end", (CHUNKED + b"0\r\n", [b"X-Flood: yes\r\n" * 100]), "too_large"),
    ("interim responses without end", ([b"HTTP/1.1 103 Early Hints\r\n\r\n" * 10],), "protocol"),
    ("one interim response too many", (b"HTTP/1.1 102 P\r\n\r\n" * 101 + FIVE + b"hello",), "protocol"),
    ("a body without end", (CLOSE_DELIMITED, [b"x" * 10_000]), "too_large"),
    ("chunks without end", (CHUNKED, [b"3e8\r\n" + b"x" * 1000 + b"\r\n"]), "too_large"),
    ("a chunk extension without end", (CHUNKED + b"5;", [b"x" * 1000]), "timeout"),
    ("a length above the limit", (OK_LINE + b"Content-Length: 1000001\r\n\r\n", [b"x" * 10_000]), "too_large"),
    ("a bomb in gzip", (encoded(b"gzip", gzip.compress(bytes(20_000_000))),), "too_large"),
    ("a bomb in two members", (encoded(b"gzip", gzip.compress(bytes(600_000)) * 2),), "too_large"),
    ("a bomb in br", (encoded(b"br", brotli.compress(bytes(20_000_000), quality=5)),), "too_large"),
    ("a bomb in zstd", (encoded(b"zstd", zstd.compress(bytes(20_000_000))),), "too_large"),
    ("a bomb in a bomb", (encoded(b"gzip, gzip", gzip.compress(gzip.compress(bytes(20_000_000)))),), "too_large"),
    ("a bomb in deflate", (encoded(b"deflate", deflated(bytes(20_000_000))),), "too_large"),
]  # fmt: skip
OVER_TLS = [
    row for row in ROWS if row[0] in {
        "closed in a body with a length", "reset in the headers", "silent between chunks", "garbage",
        "headers without end", "a body without end", "closed after the request", "a bomb in gzip",
    }
]  # fmt: skip


@pytest.mark.parametrize(("row", "script", "outcome"), ROWS, ids=[r[0] for r in ROWS])
async def test_a_broken_response_is_a_failure_of_its_kind(fails, row, script, outcome):
    await fails(script, outcome)


@pytest.mark.parametrize(("row", "script", "outcome"), OVER_TLS, ids=[row[0] for row in OVER_TLS])
async def test_a_broken_response_is_the_same_failure_over_tls(fails, row, script, outcome):
    await fails(script, outcome, tls=True)


@pytest.mark.parametrize(
    ("row", "script", "outcome"),
    [row for row in ROWS if row[2] == "protocol"],
    ids=[row[0] for row in ROWS if row[2] == "protocol"],
)
async def test_a_broken_response_is_broken_in_pieces_too(fails, row, script, outcome):
    await fails(script, outcome, in_pieces=True)
