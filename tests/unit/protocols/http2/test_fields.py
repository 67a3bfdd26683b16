"""Header fields of HTTP/2, from requests as they are rendered."""

import pytest

from wedload.protocols.http2.fields import fields_of
from wedload.workload.request import FileContent, Origin, Request, StreamedBody

PSEUDO = [
    (b":method", b"GET"),
    (b":scheme", b"https"),
    (b":authority", b"a.example:8443"),
    (b":path", b"/x?y=1"),
]


def fields(headers=b"", body=None, *lines):
    origin = Origin("https", "a.example", 8443)
    return fields_of(Request(origin, "GET", b"/x?y=1", headers, body), lines)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (b"", []),
        (b"Accept: */*\r\n", [(b"accept", b"*/*")]),
        (b"X-A: 1\r\nx-a: 2\r\n", [(b"x-a", b"1"), (b"x-a", b"2")]),
        (b"X-Time:  10:30 \r\n", [(b"x-time", b"10:30")]),
        (b"X-Empty:\r\n", [(b"x-empty", b"")]),
        (b"Connection: close\r\nHOST: b\r\nKeep-Alive: 1\r\nProxy-Connection: x\r\n", []),
        (b"Transfer-Encoding: chunked\r\nUpgrade: h2c\r\nX: y\r\n", [(b"x", b"y")]),
        (b"TE: trailers\r\n", [(b"te", b"trailers")]),
        (b"TE: gzip\r\n", []),
    ],
)
def test_lines_become_fields_without_those_of_a_connection(lines, expected):
    assert fields(lines) == PSEUDO + expected
    assert fields(b"", None, lines) == PSEUDO + expected


def test_own_lines_come_before_those_that_the_sender_adds():
    found = fields(b"A: 1\r\n", None, b"B: 2\r\n", b"Cookie: c=3\r\n")
    assert found == [*PSEUDO, (b"a", b"1"), (b"b", b"2"), (b"cookie", b"c=3")]


@pytest.mark.parametrize(
    ("body", "length"),
    [(b"", b"0"), (b"abc", b"3"), (StreamedBody((b"ab", FileContent("f", 5))), b"7")],
)
def test_a_body_has_its_length(body, length):
    assert fields(b"", body) == [*PSEUDO, (b"content-length", length)]
