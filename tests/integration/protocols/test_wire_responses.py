"""What one response means for the next: limits, HEAD, and bytes that nobody asked for.

What a single response is read as is in conformance/.
"""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

from tests.helpers.responses import OK


def with_length(body: bytes, *lines: bytes) -> bytes:
    head = b"".join(line + b"\r\n" for line in lines)
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


async def test_what_an_interim_response_says_of_its_body_does_not_hold_for_the_final_one(
    serve, talk, closing_after
):
    interim = b"HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\nContent-Encoding: gzip\r\n\r\n"
    server = await serve(closing_after(interim + b"HTTP/1.1 200 OK\r\n\r\nto the end"))
    response = await talk(server)
    assert (response.outcome, response.body) == ("ok", b"to the end")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\nContent-Length: 10\r\n\r\n",
    ],
    ids=["length", "chunked", "neither", "gzip"],
)
async def test_a_response_to_head_has_no_body_and_keeps_its_connection(
    serve, talk, answering, answer
):
    server = await serve(answering(answer, answer, OK))
    for _ in range(2):
        response = await talk(server, method="HEAD")
        assert (response.outcome, response.body) == ("ok", b"")
    assert (await talk(server)).body == b"hello"
    assert server.connections == 1


@pytest.mark.parametrize("talk", ["wire"], indirect=True)  # to the other one it is a failure
async def test_a_body_in_answer_to_head_does_not_spoil_the_next_response(serve, talk, answering):
    server = await serve(answering(OK, OK))
    assert (await talk(server, method="HEAD", max_bytes=5)).outcome == "ok"
    response = await talk(server, max_bytes=5)
    assert (response.outcome, response.body) == ("ok", b"hello")


@pytest.mark.parametrize(
    "answer",
    [
        with_length(b"x" * 1001),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"".join(b"64\r\n" + b"x" * 100 + b"\r\n" for _ in range(11))
        + b"0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1001,
        with_length(gzip.compress(b"x" * 1001), b"Content-Encoding: gzip"),
        with_length(gzip.compress(bytes(50_000_000)), b"Content-Encoding: gzip"),
        with_length(
            gzip.compress(b"x" * 600) + gzip.compress(b"x" * 600), b"Content-Encoding: gzip"
        ),
        with_length(zlib.compress(b"x" * 1001), b"Content-Encoding: deflate"),
    ],
    ids=["length", "chunked", "to-the-end", "gzip", "gzip-bomb", "gzip-members", "deflate"],
)
async def test_a_body_above_the_limit_is_too_large_and_ends_the_connection(
    serve, talk, answering, answer
):
    server = await serve(answering(answer, OK))
    response = await talk(server, max_bytes=1000)
    assert (response.outcome, response.body) == ("too_large", b"")
    assert "1,000 bytes" in response.problem
    assert (await talk(server, max_bytes=1000)).body == b"hello"


@pytest.mark.parametrize(
    "answer",
    [
        with_length(b"x" * 1000),
        with_length(gzip.compress(b"x" * 1000), b"Content-Encoding: gzip"),
    ],
    ids=["plain", "gzip"],
)
async def test_a_body_of_exactly_the_limit_is_not_too_large(serve, talk, answering, answer):
    server = await serve(answering(answer))
    response = await talk(server, max_bytes=1000)
    assert (response.outcome, response.body) == ("ok", b"x" * 1000)


@pytest.mark.parametrize(
    "answer",
    [
        with_length(b"x" * 1000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"64\r\n%b\r\n" % (b"x" * 100) * 10
        + b"0\r\n\r\n",
        with_length(gzip.compress(bytes(50_000_000))[:1000], b"Content-Encoding: gzip"),
    ],
    ids=["length", "chunked", "encoded, and not decoded"],
)
async def test_a_body_that_nobody_wants_is_read_and_counted_but_not_kept(
    serve, talk, answering, answer
):
    server = await serve(answering(answer))
    for _ in range(2):
        response = await talk(server, max_bytes=1000, keep_body=False)
        assert (response.outcome, response.body) == ("ok", b"")
        assert response.received_bytes == len(answer)
    assert server.connections == 1


async def test_a_body_that_nobody_wants_has_its_limit_too(serve, talk, answering):
    server = await serve(answering(with_length(b"x" * 1001), with_length(b"hello")))
    assert (await talk(server, max_bytes=1000, keep_body=False)).outcome == "too_large"
    assert (await talk(server, max_bytes=1000)).body == b"hello"


async def test_the_limit_is_one_of_each_response_not_of_its_connection(serve, talk, answering):
    server = await serve(answering(with_length(b"x" * 1000)))
    for _ in range(3):
        assert (await talk(server, max_bytes=1500)).outcome == "ok"
    assert server.connections == 1


@pytest.mark.parametrize(
    ("talk", "more"),
    [
        ("wire", OK),
        ("wire", b"HTTP/1.1 200 OK\r\n"),
        ("wire", b"H"),
        ("wire", b"garbage"),
        ("aiohttp", OK),  # what it makes of the others is in test_aiohttp_client.py
    ],
    ids=["whole", "status-line", "one-byte", "garbage", "aiohttp-whole"],
    indirect=["talk"],
)
async def test_bytes_after_a_response_do_not_count_as_the_next_one(serve, talk, answering, more):
    server = await serve(answering(OK + more, with_length(b"the second")))
    assert (await talk(server)).body == b"hello"
    response = await talk(server)
    assert (response.outcome, response.body) == ("ok", b"the second")
    assert server.connections == 2


async def test_bytes_that_nobody_asked_for_end_an_idle_connection(serve, talk):
    async def play(peer):
        if await peer.request() is not None:
            await peer.send(OK)
            await idle.wait()
            await peer.send(OK)
            await peer.gone()

    idle = asyncio.Event()
    server = await serve(play)
    await talk(server)
    idle.set()
    await server.all_ended()  # the client has closed
    assert (await talk(server)).outcome == "ok"
    assert server.connections == 2


async def test_status_text_and_json_of_an_error_response_can_be_read(serve, talk, answering):
    server = await serve(
        answering(
            b"HTTP/1.1 422 Unprocessable\r\nContent-Type: application/json\r\n"
            b'Content-Length: 14\r\n\r\n{"error":"no"}'
        )
    )
    response = await talk(server)
    assert (response.outcome, response.status) == ("ok", 422)  # the engine judges a status
    assert response.json == {"error": "no"}
    assert response.text == '{"error":"no"}'
