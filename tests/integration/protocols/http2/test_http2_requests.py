"""Requests as HTTP/2 carries them: header fields, bodies, windows, early answers."""

from __future__ import annotations

import asyncio
import hashlib
import os

import h2.settings
import psutil
import pytest

from wedload.clock import MonotonicClock
from wedload.protocols.http.client import WireClient
from wedload.protocols.http.pool import WirePool
from wedload.workload.request import FileContent, StreamedBody

SIZE = 3_000_000
WINDOW = h2.settings.SettingCodes.INITIAL_WINDOW_SIZE
CANCEL = 8


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A body with a file in it, larger than any window, and what it is as bytes."""
    path = tmp_path_factory.mktemp("bodies") / "film.bin"
    path.write_bytes(os.urandom(SIZE))
    body = StreamedBody((b"before", FileContent(str(path), SIZE), b"after"))
    return body, b"before" + path.read_bytes() + b"after"


@pytest.fixture
def keeping():
    """A script that answers, and the requests that it got."""
    asked = []

    async def play(peer):
        while (one := await peer.request()) is not None:
            asked.append(one)
            await peer.answer(one.stream, hashlib.sha256(one.body).hexdigest().encode())

    return play, asked


def digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


async def test_header_fields_are_those_of_http2(serve_http2, talking, keeping):
    play, asked = keeping
    server = await serve_http2(play)
    lines = (
        b"Accept: */*\r\nX-Mixed-Case:  kept As It Is \r\n",
        b"Connection: keep-alive\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nTE: gzip\r\nHost: other\r\n",
        b"Cookie: a=1; b=2\r\n",
    )
    response = await talking()(server, target=b"/a?b=%20c", headers=lines)
    assert response.outcome == "ok"
    assert asked[0].headers == [
        (b":method", b"GET"),
        (b":scheme", b"https"),
        (b":authority", f"127.0.0.1:{server.port}".encode()),
        (b":path", b"/a?b=%20c"),
        (b"accept", b"*/*"),
        (b"x-mixed-case", b"kept As It Is"),
        (b"cookie", b"a=1; b=2"),
    ]


@pytest.mark.parametrize("window", [65_535, 100])
@pytest.mark.parametrize(
    "body", [b"", b"small", b"large " * 5_000], ids=["empty", "small", "large"]
)
async def test_a_body_arrives_whole_whatever_the_window(
    serve_http2, talking, keeping, adds_up, window, body
):
    play, asked = keeping
    server = await serve_http2(play, settings={WINDOW: window})
    talk = talking()
    assert (await talk(server)).outcome == "ok"  # now the windows are known
    response = await talk(server, method="POST", body=body)
    assert (response.outcome, response.body) == ("ok", digest(body))
    assert asked[1].body == body
    assert asked[1].get(b"content-length") == str(len(body)).encode()
    adds_up(response)


@pytest.mark.parametrize("tls", [True, False])
async def test_a_body_is_read_from_disk_while_it_is_sent(
    serve_http2, talking, keeping, adds_up, film, tls
):
    play, asked = keeping
    body, whole = film
    server = await serve_http2(play, tls=tls)
    talk = talking()
    responses = await asyncio.gather(
        *(talk(server, method="PUT", body=body) for _ in range(2)),
        talk(server, method="POST", body=b"beside them"),
    )
    assert [response.body for response in responses] == [
        digest(whole), digest(whole), digest(b"beside them"),
    ]  # fmt: skip
    assert server.connections == 1
    assert {one.get(b"content-length") for one in asked} == {str(len(whole)).encode(), b"11"}
    for response in responses:
        adds_up(response)
    assert responses[0].sent_ns > responses[0].started_ns


async def test_an_answer_before_the_body_is_sent_stands_and_stops_it(serve_http2, talking, film):
    async def play(peer):
        await peer.until(lambda: peer.open)
        stream = next(iter(peer.open))
        peer.state.send_headers(stream, [(b":status", b"413")], end_stream=True)
        await peer.flush()
        await peer.until(lambda: peer.resets)
        resets.extend(peer.resets)
        while (asked := await peer.request()) is not None:
            await peer.answer(asked.stream)

    resets = []
    server = await serve_http2(play)
    talk = talking()
    response = await talk(server, method="PUT", body=film[0])
    assert (response.outcome, response.status) == ("ok", 413)
    assert response.sent_bytes < SIZE
    assert (await talk(server)).body == b"hello"
    assert [code for _, code in resets] == [CANCEL]
    assert server.connections == 1
    assert [f for f in psutil.Process().open_files() if f.path.endswith("film.bin")] == []


async def test_a_file_that_has_become_shorter_is_a_defect_of_our_side(
    serve_http2, talking, keeping, tmp_path
):
    short = tmp_path / "short.bin"
    short.write_bytes(b"x" * 1000)
    play, asked = keeping
    server = await serve_http2(play)
    talk = talking()
    body = StreamedBody((FileContent(str(short), 2000),))
    with pytest.raises(OSError, match="shorter than when the plan was loaded"):
        await talk(server, method="PUT", body=body)
    assert (await talk(server)).outcome == "ok"
    assert len(asked) == 1
    assert server.connections == 1


def test_without_http2_the_client_is_the_one_that_knows_nothing_of_it():
    async def client_of_a_pool():
        pool = WirePool(MonotonicClock())
        try:
            return pool.client()
        finally:
            await pool.close()

    assert type(asyncio.run(client_of_a_pool())) is WireClient
