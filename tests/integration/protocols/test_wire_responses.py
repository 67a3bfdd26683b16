"""What the wire client makes of the bytes that a server sends."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n7;ext=1\r\n, world\r\n0\r\n\r\n"
)
TRAILERS = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    b"5\r\nhello\r\n0\r\nX-Sum: 17\r\n\r\n"
)


def with_length(body: bytes, *lines: bytes) -> bytes:
    head = b"".join(line + b"\r\n" for line in lines)
    return b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"hello"),
        (CHUNKED, b"hello, world"),
        (TRAILERS, b"hello"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: x\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"hello"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 C\r\n\r\n" + OK, b"hello"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Empty:\r\n\r\nhello", b"hello"),
    ],
    ids=["length", "chunked", "trailers", "empty", "204", "304", "100", "103-100", "empty-header"],
)
@pytest.mark.parametrize("pieces", [True, False], ids=["byte-by-byte", "at-once"])
async def test_a_response_is_read_and_its_connection_kept(
    serve, talk, adds_up, answer, body, pieces
):
    async def play(peer):
        while await peer.request() is not None:
            await (peer.send_in_pieces(answer) if pieces else peer.send(answer))

    server = await serve(play)
    for _ in range(3):
        response = await talk(server)
        assert (response.outcome, response.body) == ("ok", body)
        assert response.received_bytes == len(answer)
        adds_up(response)
    assert (server.connections, len(server.requests)) == (1, 3)


async def test_headers_of_an_interim_response_do_not_reach_the_final_one(serve, talk, answering):
    server = await serve(answering(b"HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\n" + OK))
    response = await talk(server)
    assert response.headers == {"content-length": "5"}


async def test_what_an_interim_response_says_of_its_body_does_not_hold_for_the_final_one(
    serve, talk, closing_after
):
    interim = b"HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\nContent-Encoding: gzip\r\n\r\n"
    server = await serve(closing_after(interim + b"HTTP/1.1 200 OK\r\n\r\nto the end"))
    response = await talk(server)
    assert (response.outcome, response.body) == ("ok", b"to the end")


async def test_a_repeated_header_is_joined_in_order(serve, talk, answering):
    server = await serve(answering(with_length(b"", b"X-A: 1", b"x-a: 2")))
    assert (await talk(server)).headers["x-a"] == "1, 2"


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


async def test_a_response_to_head_that_closes_is_followed_by_a_new_connection(
    serve, talk, answering
):
    server = await serve(answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", OK))
    assert (await talk(server, method="HEAD")).outcome == "ok"
    assert (await talk(server)).body == b"hello"
    assert server.connections == 2


async def test_a_body_in_answer_to_head_does_not_spoil_the_next_response(serve, talk, answering):
    server = await serve(answering(OK, OK))
    assert (await talk(server, method="HEAD", max_bytes=5)).outcome == "ok"
    response = await talk(server, max_bytes=5)
    assert (response.outcome, response.body) == ("ok", b"hello")


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
async def test_a_body_without_length_ends_with_its_connection(
    serve, talk, closing_after, adds_up, version
):
    server = await serve(closing_after(b"HTTP/%b 200 OK\r\n\r\nall of it" % version))
    for _ in range(2):
        response = await talk(server)
        assert (response.outcome, response.body) == ("ok", b"all of it")
        adds_up(response)
    assert server.connections == 2


async def test_a_body_without_length_that_is_cut_by_a_reset_is_not_complete(serve, talk):
    async def play(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\n\r\nhalf of")
        await peer.send_in_pieces(b" it")
        await read_by_client.wait()
        peer.reset()

    read_by_client = asyncio.Event()
    server = await serve(play)
    asking = asyncio.create_task(talk(server))
    while not server.sent_bytes:
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.02)
    read_by_client.set()
    assert (await asking).outcome == "reset"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
    ids=["nothing", "status-line", "headers", "length", "chunk", "last-chunk", "only-interim"],
)
async def test_a_connection_that_ends_in_a_response_is_a_reset_and_nothing_is_sent_again(
    serve, talk, closing_after, adds_up, answer
):
    server = await serve(closing_after(answer))
    response = await talk(server, method="POST", body=b"once")
    assert response.outcome == "reset"
    assert response.problem
    adds_up(response)
    await server.all_ended()
    assert (server.connections, len(server.requests)) == (1, 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\x01\x02 garbage\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello!!\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        with_length(b"hello", b"Content-Encoding: br"),
        with_length(b"hello", b"Content-Encoding: gzip"),
        with_length(gzip.compress(b"hello" * 100)[:-9], b"Content-Encoding: gzip"),
        with_length(zlib.compress(b"hello" * 100)[:-5], b"Content-Encoding: deflate"),
        with_length(b"\x07\xff\xff\xff", b"Content-Encoding: deflate"),
    ],
    ids=[
        "garbage", "ssh", "status-not-a-number", "version", "no-colon", "nul-in-header",
        "length-not-a-number", "length-overflows", "two-lengths", "chunk-size", "chunk-too-long",
        "upgrade", "upgrade-without-headers", "unknown-encoding", "not-gzip", "truncated-gzip",
        "truncated-deflate", "not-deflate",
    ],
)  # fmt: skip
async def test_a_response_that_is_not_understood_is_a_protocol_failure(
    serve, talk, answering, adds_up, answer
):
    server = await serve(answering(answer, OK))
    response = await talk(server)
    assert response.outcome == "protocol"
    assert response.problem
    adds_up(response)
    # and the connection is not used again
    assert (await talk(server)).body == b"hello"
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        (b"gzip", gzip.compress),
        (b"x-gzip", gzip.compress),
        (b"GZIP", gzip.compress),
        (b"deflate", zlib.compress),
        (b"deflate", raw_deflate),
        (b"identity", bytes),
    ],
    ids=["gzip", "x-gzip", "upper-case", "zlib", "raw-deflate", "identity"],
)
async def test_a_content_encoding_is_undone(serve, talk, answering, encoding, encode):
    body = b"wedding " * 5_000
    encoded = encode(body)
    server = await serve(answering(with_length(encoded, b"Content-Encoding: " + encoding)))
    response = await talk(server)
    assert (response.outcome, response.body) == ("ok", body)
    assert response.received_bytes == server.sent_bytes  # as on the socket, not as decoded


async def test_a_gzip_body_of_several_members_is_decoded_to_its_end(serve, talk, answering):
    body = gzip.compress(b"first, ") + gzip.compress(b"second")
    server = await serve(answering(with_length(body, b"Content-Encoding: gzip")))
    assert (await talk(server)).body == b"first, second"


async def test_an_empty_body_needs_no_decoding(serve, talk, answering):
    server = await serve(answering(with_length(b"", b"Content-Encoding: gzip")))
    assert (await talk(server)).outcome == "ok"


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


async def test_an_endless_body_is_given_up_at_the_limit(serve, talk):
    async def play(peer):
        await peer.request()
        await peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await peer.send(b"3e8\r\n" + b"x" * 1000 + b"\r\n")

    server = await serve(play)
    response = await talk(server, max_bytes=100_000)
    assert response.outcome == "too_large"
    await server.all_ended()


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


async def test_the_limit_is_one_of_each_response_not_of_its_connection(serve, talk, answering):
    server = await serve(answering(with_length(b"x" * 1000)))
    for _ in range(3):
        assert (await talk(server, max_bytes=1500)).outcome == "ok"
    assert server.connections == 1


@pytest.mark.parametrize(
    "more",
    [OK, b"HTTP/1.1 200 OK\r\n", b"H", b"garbage"],
    ids=["whole", "status-line", "one-byte", "garbage"],
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
