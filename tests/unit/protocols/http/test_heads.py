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
    for _ in range(2):  # the second time by the length of the first
        head = known.of(HEAD + body, 1)
        assert (head.status, head.raw_headers, head.size) == (200, [LENGTH], len(HEAD))


def test_responses_of_one_length_are_told_apart(known):
    created = HEAD.replace(b"200 OK", b"201 Up")
    known.learn(created + b"hello", parsed(LENGTH, status=201))
    for _ in range(2):
        assert known.of(HEAD + b"world", 1).status == 200
        assert known.of(created + b"world", 1).status == 201
        assert known.of(HEAD.replace(b"OK", b"No") + b"world", 1) is None


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
    assert known.of(HEAD + b"hello", 1) is not None
    assert known.of(data, 1) is None


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
    assert known.of(HEAD + b"hello", 1) is None


class Server:
    """Answers with a head of its own for each number, as a connection reads it."""

    def __init__(self) -> None:
        self.known = KnownHeads()

    def answer(self, number: int, at_ns: int) -> bool:
        """Whether the head is recognised; if not, it is parsed and learned."""
        data = b"HTTP/1.1 200 OK\r\nX-Id: %d\r\nContent-Length: 5\r\n\r\nhello" % number
        if self.known.of(data, at_ns) is not None:
            return True
        response = parsed((b"X-Id", b"%d" % number), LENGTH)
        response.ended_ns = at_ns
        self.known.learn(data, response)
        return False


BEGUN_NS = 10 * NS_PER_S


def test_a_table_that_is_of_no_use_rests_until_the_second_is_over():
    server = Server()
    assert not any(server.answer(number, BEGUN_NS) for number in range(1_000))
    assert [server.answer(500, BEGUN_NS + NS_PER_S - 1) for _ in range(3)] == [False] * 3
    assert [server.answer(500, BEGUN_NS + NS_PER_S) for _ in range(3)] == [False, True, True]


def test_a_full_table_that_is_of_use_goes_on_and_is_emptied_when_the_second_is_over():
    server = Server()
    for number in range(64):  # the first second begins with the first head beyond these
        server.answer(number, 0)
    heads = [*range(64), *range(64)]
    found = [server.answer(100 + number, BEGUN_NS) for number in heads]
    assert found == [False] * 64 + [True] * 64
    assert not server.answer(900, BEGUN_NS + 1)  # there is no room, and no rest
    assert server.answer(163, BEGUN_NS + 2)
    assert not server.answer(900, BEGUN_NS + NS_PER_S)
    assert server.answer(900, BEGUN_NS + NS_PER_S + 1)
