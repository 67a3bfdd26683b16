"""Heads that were parsed before: what is recognised, and what is left to the parser."""

from __future__ import annotations

import pytest

from wedload.protocols.http.heads import KnownHeads
from wedload.protocols.http.response import Response
from wedload.units import NS_PER_S

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"


def parsed(*headers: tuple[bytes, bytes], body: bytes = b"hello", status: int = 200) -> Response:
    response = Response(0)
    response.status = status
    response.raw_headers = [*headers]
    response.body = body
    return response


LENGTH = (b"Content-Length", b"5")


@pytest.fixture
def known() -> KnownHeads:
    heads = KnownHeads()
    heads.learn(HEAD + b"hello", parsed(LENGTH))
    return heads


@pytest.mark.parametrize("body", [b"hello", b"world", b"\r\n\r\n!"])
def test_another_body_after_the_same_head_is_recognised(known, body):
    for _ in range(2):  # the second time by the size of the first
        head = known.of(HEAD + body)
        assert (head.status, head.raw_headers, head.size) == (200, [LENGTH], len(HEAD))


@pytest.mark.parametrize(
    "data",
    [
        HEAD,
        HEAD + b"hell",
        HEAD + b"hello!",
        HEAD + b"hello" + HEAD + b"hello",
        HEAD[:-1],
        HEAD.lower() + b"hello",
        b"hello",
        b"",
    ],
)
def test_what_is_not_one_whole_response_is_left_to_the_parser(known, data):
    assert known.of(HEAD + b"hello") is not None
    assert known.of(data) is None


@pytest.mark.parametrize(
    "response",
    [
        parsed(),
        parsed(LENGTH, (b"Content-Encoding", b"gzip")),
        parsed((b"Transfer-Encoding", b"chunked")),
        parsed(LENGTH, (b"set-cookie", b"a=1")),
        parsed(LENGTH, status=204),
        parsed(LENGTH, status=304),
        parsed(LENGTH, body=b""),
    ],
)
def test_a_head_that_says_more_than_a_length_is_not_learned(response):
    known = KnownHeads()
    known.learn(HEAD + b"hello", response)
    assert known.of(HEAD + b"hello") is None


def test_a_server_whose_heads_all_differ_has_a_bounded_number_kept_a_second():
    known = KnownHeads()

    def answer(number: int, at_ns: int) -> bool:
        data = b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 5\r\n\r\nhello" % number
        response = parsed((b"X-Id", b"%d" % number), LENGTH)
        response.ended_ns = at_ns
        known.learn(data, response)
        return known.of(data) is not None

    begun_ns = 10 * NS_PER_S
    assert sum(answer(number, begun_ns) for number in range(1_000)) == 64 + 64
    assert not answer(2_000, begun_ns + NS_PER_S - 1)
    assert answer(2_001, begun_ns + NS_PER_S)
