"""Bodies that are read from disk while they are sent."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import resource
import time
import tracemalloc

import psutil
import pytest

from tests.helpers.responses import OK
from wedload.protocols.http.tls import client_context
from wedload.workload.request import FileContent, StreamedBody

SIZE = 20_000_000


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A file far larger than what sockets buffer, and the digest of a body around it."""
    path = tmp_path_factory.mktemp("bodies") / "film.bin"
    block = os.urandom(1000)
    path.write_bytes(block * (SIZE // 1000))
    body = StreamedBody((b"before", FileContent(str(path), SIZE), b"after"))
    return body, hashlib.sha256(b"before" + block * (SIZE // 1000) + b"after").hexdigest()


@pytest.fixture
def digesting():
    """A script that reads bodies without keeping them, and the digests that it found."""
    digests = []

    async def play(peer):
        while True:
            try:
                head = await peer.reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            left = int(re.search(rb"Content-Length: (\d+)", head)[1])
            peer.server.received_bytes += len(head) + left
            digest = hashlib.sha256()
            while left:
                piece = await peer.reader.read(min(left, 65_536))
                if not piece:
                    return
                left -= len(piece)
                digest.update(piece)
            digests.append(digest.hexdigest())
            await peer.send(OK)

    return play, digests


def open_files() -> list[str]:
    return [file.path for file in psutil.Process().open_files() if file.path.endswith(".bin")]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_file_arrives_as_it_is_on_disk_between_what_stands_around_it(
    serve, talk_tls, digesting, film, files, server_context, adds_up, tls
):
    play, digests = digesting
    body, digest = film
    server = await serve(play, tls=server_context() if tls else None)
    talk = await talk_tls(client_context(ca=str(files / "ca.pem")))
    for _ in range(2):
        response = await talk(server, method="POST", body=body)
        assert (response.outcome, response.body) == ("ok", b"hello")
        assert response.sent_bytes == server.received_bytes / len(digests)
        adds_up(response)
    assert digests == [digest, digest]
    assert server.connections == 1
    assert open_files() == []


async def test_a_large_file_is_never_in_memory_as_a_whole(serve, talk, digesting, film):
    play, digests = digesting
    server = await serve(play)
    tracemalloc.start()
    try:
        assert (await talk(server, method="POST", body=film[0])).outcome == "ok"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert digests == [film[1]]
    assert peak < SIZE / 4


async def test_a_streamed_request_is_sent_when_the_last_of_it_is_handed_over(
    serve, talk, film, adds_up
):
    async def play(peer):
        await peer.reader.read(1)  # the client has begun
        released_ns.append(time.perf_counter_ns())
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.reader.readexactly(film[0].length)
        await peer.send(OK)

    released_ns = []
    server = await serve(play, receive_buffer=65_536)
    response = await talk(server, method="POST", body=film[0])
    assert response.outcome == "ok"
    assert response.started_ns < released_ns[0] < response.sent_ns <= response.first_byte_ns
    adds_up(response)


async def test_an_answer_before_the_file_is_sent_ends_it_and_its_connection(
    serve, talk, film, adds_up
):
    async def play(peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        if peer.server.connections == 1:
            await peer.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
            await first_is_over.wait()
            await peer.gone()
        else:
            await peer.send(OK)

    first_is_over = asyncio.Event()
    server = await serve(play, receive_buffer=65_536)
    response = await talk(server, method="POST", body=film[0])
    assert (response.outcome, response.status, response.waiting) == ("ok", 413, 0)
    assert response.sent_bytes < SIZE
    adds_up(response)
    assert open_files() == []
    first_is_over.set()
    assert (await talk(server)).body == b"hello"
    assert server.connections == 2


@pytest.mark.parametrize("how", ["time-out", "reset", "cancelled"])
async def test_a_file_that_is_not_taken_is_closed(serve, talk, film, how):
    async def play(peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        begun.set()
        if how == "reset":
            peer.reset()
        else:
            await hold.wait()

    begun, hold = asyncio.Event(), asyncio.Event()
    server = await serve(play, receive_buffer=65_536)
    asking = asyncio.create_task(
        talk(server, method="POST", body=film[0], timeout_s=0.2 if how == "time-out" else 30)
    )
    await begun.wait()
    if how == "cancelled":
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    else:
        assert (await asking).outcome == {"time-out": "timeout"}.get(how, how)
    hold.set()
    assert open_files() == []
    await server.all_ended()


async def test_a_file_that_has_become_shorter_is_a_defect_that_is_not_hidden(
    serve, talk, digesting, tmp_path
):
    (tmp_path / "short.bin").write_bytes(b"x" * 999)
    body = StreamedBody((FileContent(str(tmp_path / "short.bin"), 1000),))
    server = await serve(digesting[0])
    with pytest.raises(OSError, match="shorter than when the plan was loaded"):
        await talk(server, method="POST", body=body)
    with pytest.raises(FileNotFoundError):
        await talk(server, method="POST", body=StreamedBody((FileContent("/no/file.bin", 1),)))


async def test_a_file_that_cannot_be_opened_as_too_many_are_is_a_failed_request(
    serve, visit, film, answering
):
    """Like a connection that there is no file left for; the load goes on."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    async def play(peer):
        while (request := await peer.request()) is not None:
            if request.startswith(b"GET"):
                # none at all, not even in place of one that is closed meanwhile
                resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
            await peer.send(OK)

    path = film[0].parts[1].path
    server = await serve(play)
    try:
        summary = await visit(
            server,
            'name = "look"\nhttp = "GET /"',
            f'name = "send"\nhttp = "POST /"\nbody_file = "{path}"',
        )
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert summary.outcomes("http_reqs") == {"ok": 1, "no_file": 1}
    assert summary.outcomes("iterations") == {"failed": 1}
    assert summary.notes == {f"send: {path}: Too many open files": 1}
    assert not open_files()
