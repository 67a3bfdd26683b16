"""Conformance: responses that are odd but legal are read as what they are.

A row is a name, the bytes that a server answers with, and what is expected of them: `status`,
`body`, `headers`, and whether the connection is kept (`keeps`, the default). Every client
runs through every row, all bytes at once and in small pieces; afterwards no socket may be left.
Sources: RFC 9110, RFC 9112; where a row leans on a section, it is named.
"""
# ruff: noqa: E501 - a row of the table is one line

from __future__ import annotations

import gzip
import sys
import zlib

import brotli
import pytest

from tests.helpers.responses import OK

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HELLO = {"body": b"hello"}
CLOSES = {"body": b"hello", "keeps": False}
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
TEXT = b"wedding " * 500


def ok(*lines: bytes, body: bytes = b"hello") -> bytes:
    head = b"".join(line + b"\r\n" for line in (*lines, b"Content-Length: %d" % len(body)))
    return b"HTTP/1.1 200 OK\r\n%b\r\n%b" % (head, body)


def encoded(encoding: bytes, body: bytes) -> bytes:
    return ok(b"Content-Encoding: " + encoding, body=body)


def chunks(data: bytes, size: int) -> bytes:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


#: names and values that several headers have
MANY = {b"x-%d" % number: b"v" * (number % 50) for number in range(200)}
MEMBERS = gzip.compress(b"first, ") + gzip.compress(b"") + gzip.compress(b"last")

ROWS = [
    # --- interim responses (RFC 9110 section 15.2) ---
    ("100 before the answer", b"HTTP/1.1 100 Continue\r\n\r\n" + OK, HELLO),
    ("103 before the answer", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK, {**HELLO, "headers": {"content-length": "5"}}),
    ("102, 103 and 100", b"HTTP/1.1 102 P\r\n\r\nHTTP/1.1 103 E\r\nA: b\r\n\r\nHTTP/1.1 100 C\r\n\r\n" + OK, HELLO),
    ("a hundred interim ones", b"HTTP/1.1 102 Processing\r\n\r\n" * 100 + OK, HELLO),
    ("an interim one that nobody knows", b"HTTP/1.1 199 Odd\r\n\r\n" + OK, HELLO),
    # --- framing (RFC 9112 section 6) ---
    ("length", OK, HELLO),
    ("length 0", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", {}),
    ("length with leading zeros", b"HTTP/1.1 200 OK\r\nContent-Length: 0005\r\n\r\nhello", HELLO),
    ("204", b"HTTP/1.1 204 No Content\r\n\r\n", {"status": 204}),
    ("204 with a length", b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", {"status": 204}),
    ("304 with the length of what it is about", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", {"status": 304}),
    ("205", b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", {"status": 205}),
    ("to the end of the connection", (b"HTTP/1.1 200 OK\r\n\r\nhello", "close"), CLOSES),
    ("to the end, and empty", (b"HTTP/1.1 200 OK\r\n\r\n", "close"), {"keeps": False}),
    ("HTTP/1.0 to the end", (b"HTTP/1.0 200 OK\r\n\r\nhello", "close"), CLOSES),
    ("HTTP/1.0 with a length", b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", CLOSES),
    ("HTTP/1.0 that keeps", b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", HELLO),
    ("chunks", CHUNKED + chunks(b"hello", 2), HELLO),
    ("no chunk but the last", CHUNKED + b"0\r\n\r\n", {}),
    ("one-byte chunks", CHUNKED + chunks(TEXT, 1), {"body": TEXT}),
    ("upper-case and padded chunk sizes", CHUNKED + b"00A\r\n0123456789\r\n0B\r\nabcdefghijk\r\n000\r\n\r\n", {"body": b"0123456789abcdefghijk"}),
    ("chunk extensions", CHUNKED + b'5;a=1;b="c;d";e\r\nhello\r\n0;last\r\n\r\n', HELLO),
    ("Chunked, with a capital", b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n" + chunks(b"hello", 5), HELLO),
    ("trailers", CHUNKED + b"5\r\nhello\r\n0\r\nX-Sum: 17\r\nX-More: a\r\n\r\n", {**HELLO, "headers": {"transfer-encoding": "chunked"}}),
    ("a trailer that sets a cookie", CHUNKED + b"0\r\nSet-Cookie: a=b\r\n\r\n", {"headers": {"transfer-encoding": "chunked"}}),
    ("a trailer that names a coding", CHUNKED + b"5\r\nhello\r\n0\r\nContent-Encoding: gzip\r\n\r\n", {**HELLO, "headers": {"transfer-encoding": "chunked"}}),
    ("an empty line before the status line", b"\r\n" + OK, HELLO),
    # --- status line and headers (RFC 9112 sections 4 and 5) ---
    ("an empty reason phrase", b"HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello", HELLO),
    ("no reason phrase and no space", b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", HELLO),
    ("a reason phrase in Latin-1", b"HTTP/1.1 200 \xe4\xf6\xfc\r\nContent-Length: 5\r\n\r\nhello", HELLO),
    ("a long reason phrase", b"HTTP/1.1 200 " + b"very " * 1000 + b"OK\r\nContent-Length: 5\r\n\r\nhello", HELLO),
    ("a status that nobody knows", b"HTTP/1.1 299 Odd\r\nContent-Length: 5\r\n\r\nhello", {**HELLO, "status": 299}),
    ("an error with a body", b"HTTP/1.1 503 Busy\r\nContent-Length: 5\r\n\r\nhello", {**HELLO, "status": 503}),
    ("lower-case names, no space", b"HTTP/1.1 200 OK\r\ncontent-length:5\r\nx-a:b\r\n\r\nhello", {**HELLO, "headers": {"content-length": "5", "x-a": "b"}}),
    ("space around values", b"HTTP/1.1 200 OK\r\nContent-Length: \t 5 \r\nX-A:  b c \t\r\n\r\nhello", {**HELLO, "headers": {"content-length": "5", "x-a": "b c"}}),
    ("odd names", ok(b"!#$%&'*+-.^_`|~0aZ: yes"), {**HELLO, "headers": {"!#$%&'*+-.^_`|~0az": "yes", "content-length": "5"}}),
    ("an empty value", ok(b"X-Empty:"), {**HELLO, "headers": {"x-empty": "", "content-length": "5"}}),
    ("a value in Latin-1", ok(b"X-A: \xe4"), {**HELLO, "headers": {"x-a": "ä", "content-length": "5"}}),
    ("a repeated header", ok(b"X-A: 1", b"x-a: 2", b"X-A: 3"), {**HELLO, "headers": {"x-a": "1, 2, 3", "content-length": "5"}}),
    ("200 headers", ok(*(b"%b: %b" % item for item in MANY.items())), {**HELLO, "headers": {**{k.decode(): v.decode() for k, v in MANY.items()}, "content-length": "5"}}),
    ("a value of 100 kB", ok(b"X-A: " + b"v" * 100_000), {**HELLO, "headers": {"x-a": "v" * 100_000, "content-length": "5"}}),
    ("Connection: close", ok(b"Connection: close"), CLOSES),
    ("Connection: with several options", ok(b"Connection: x, Close"), CLOSES),
    ("Connection: keep-alive", ok(b"Connection: keep-alive", b"Keep-Alive: timeout=5"), HELLO),
    ("an upgrade that is only offered", ok(b"Upgrade: h2c"), HELLO),
    # --- content codings (RFC 9110 section 8.4.1) ---
    ("gzip", encoded(b"gzip", gzip.compress(TEXT)), {"body": TEXT}),
    ("x-gzip", encoded(b"x-gzip", gzip.compress(TEXT)), {"body": TEXT}),
    ("GZIP", encoded(b"GZIP", gzip.compress(TEXT)), {"body": TEXT}),
    ("gzip in chunks", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(gzip.compress(TEXT), 7), {"body": TEXT}),
    ("gzip of several members", encoded(b"gzip", MEMBERS), {"body": b"first, last"}),
    ("gzip to the end", (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(TEXT), "close"), {"body": TEXT, "keeps": False}),
    ("an empty body in gzip", encoded(b"gzip", b""), {}),
    ("nothing, in gzip", encoded(b"gzip", gzip.compress(b"")), {}),
    ("deflate", encoded(b"deflate", zlib.compress(TEXT)), {"body": TEXT}),
    ("raw deflate", encoded(b"deflate", raw_deflate(TEXT)), {"body": TEXT}),
    ("br", encoded(b"br", brotli.compress(TEXT)), {"body": TEXT}),
    ("br in chunks", b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks(brotli.compress(TEXT), 1), {"body": TEXT}),
    ("br of more than one output buffer", encoded(b"br", brotli.compress(bytes(999_999))), {"body": bytes(999_999)}),
    ("nothing, in br", encoded(b"br", brotli.compress(b"")), {}),
    ("zstd", encoded(b"zstd", zstd.compress(TEXT)), {"body": TEXT}),
    ("zstd of several frames", encoded(b"zstd", zstd.compress(b"first, ") + zstd.compress(b"last")), {"body": b"first, last"}),
    ("nothing, in zstd", encoded(b"zstd", zstd.compress(b"")), {}),
    ("two codings", encoded(b"deflate, gzip", gzip.compress(zlib.compress(TEXT))), {"body": TEXT}),
    ("two codings in two headers", ok(b"Content-Encoding: br", b"Content-Encoding: identity", b"Content-Encoding: gzip", body=gzip.compress(brotli.compress(TEXT))), {"body": TEXT}),
    ("identity", encoded(b"identity", TEXT), {"body": TEXT}),
    # --- HEAD (RFC 9110 section 9.3.2) ---
    ("HEAD with a length", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", {"method": "HEAD"}),
    ("HEAD with chunked", CHUNKED, {"method": "HEAD"}),
    ("HEAD with neither", b"HTTP/1.1 200 OK\r\n\r\n", {"method": "HEAD"}),
    ("HEAD with gzip", b"HTTP/1.1 404 No\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n", {"method": "HEAD", "status": 404}),
    ("HEAD that closes", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", {"method": "HEAD", "keeps": False}),
    ("HEAD after an interim response", b"HTTP/1.1 103 E\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", {"method": "HEAD"}),
]  # fmt: skip
OVER_TLS = [
    row for row in ROWS if row[0] in {
        "length", "to the end of the connection", "trailers", "102, 103 and 100", "gzip in chunks",
        "a value of 100 kB", "br in chunks", "HEAD with chunked", "Connection: close",
    }
]  # fmt: skip


@pytest.mark.parametrize("in_pieces", [False, True], ids=["at once", "in pieces"])
@pytest.mark.parametrize(("row", "answer", "expected"), ROWS, ids=[r[0] for r in ROWS])
async def test_a_legal_response_is_read_as_what_it_is(conforms, row, answer, expected, in_pieces):
    await conforms(answer, in_pieces=in_pieces, **expected)


@pytest.mark.parametrize("in_pieces", [False, True], ids=["at once", "in pieces"])
@pytest.mark.parametrize(("row", "answer", "expected"), OVER_TLS, ids=[row[0] for row in OVER_TLS])
async def test_a_legal_response_is_the_same_over_tls(conforms, row, answer, expected, in_pieces):
    await conforms(answer, in_pieces=in_pieces, tls=True, **expected)
