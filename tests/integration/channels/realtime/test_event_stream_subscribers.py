"""Subscribers to event streams: they hear, and come back with the id that they heard last."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiohttp import web

from tests.helpers.ports import free_port
from tests.helpers.realtime import realtime_channel
from tests.helpers.waiting import until
from wedload.plan.hosts import Host
from wedload.plan.model import Target, Tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class StreamServer:
    """Sends each connection what a test writes; it ends where a test ends it."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.streams: list[web.StreamResponse] = []
        self.answer: Any = None
        self.silent = False
        self._ends: list[asyncio.Event] = []

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024, ssl_context=tls)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        self.end()
        await self._runner.cleanup()

    async def send(self, data: bytes) -> None:
        for stream in self.streams:
            await stream.write(data)

    def end(self) -> None:
        """End every stream."""
        for event in self._ends:
            event.set()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.answer is not None:
            return self.answer()
        if self.silent:
            await asyncio.Event().wait()
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        await stream.prepare(request)
        over = asyncio.Event()
        self.streams.append(stream)
        self._ends.append(over)
        try:
            await over.wait()
        finally:
            self.streams.remove(stream)
            self._ends.remove(over)
        return stream


@pytest.fixture
async def streams() -> AsyncIterator[StreamServer]:
    one = StreamServer()
    await one.start()
    yield one
    await one.stop()


async def test_subscribers_hear_events(streams, ear_on):
    channel = realtime_channel(
        "sse", "json.id", url="/events?a=b%20c", subscribers=3, headers={"X-Of": "${vu}"}
    )
    listening = ear_on(channel, streams.url)
    assert await listening.join() == []
    assert {str(one.rel_url) for one in streams.requests} == {"/events?a=b%20c"}
    assert sorted(one.headers["X-Of"] for one in streams.requests) == ["1", "2", "3"]
    assert streams.requests[0].headers["Accept"] == "text/event-stream"
    assert "Last-Event-ID" not in streams.requests[0].headers
    await streams.send(b': hello\n\nevent: price\nid: 7\ndata: {"id":1}\n\nda')
    await streams.send(b'ta: {"id":\ndata: 2}\r\n\r\n')
    book = listening.book
    await until(lambda: len(book.messages) == 6)
    for subscriber in range(3):
        assert book.keys_of(subscriber) == ["1", "2"]
    first, second = (one.message for one in book.messages if one.subscriber == 0)
    assert first.headers == {"event": "price", "id": "7", "kind": "message"}
    assert second.headers == {"event": "message", "kind": "message"}
    joined_ns = {who: at_ns for _, who, at_ns in book.stays}
    assert all(one.at_ns >= joined_ns[one.subscriber] for one in book.messages)


async def test_who_comes_back_says_which_event_it_heard_last(streams, ear_on):
    listening = ear_on(realtime_channel("sse", "text"), streams.url)
    assert await listening.join() == []
    await streams.send(b"retry: 20\n\nid: 41\ndata: a\n\ndata: b\n\nid: 42\n\n")
    await until(lambda: len(listening.book.messages) == 2)
    streams.end()
    await until(lambda: len(listening.book.stays) == 3)
    assert [what for what, _, _ in listening.book.stays] == ["joined", "left", "joined"]
    assert streams.requests[1].headers["Last-Event-ID"] == "42"
    await streams.send(b"id\ndata: c\n\n")  # which forgets the id
    await until(lambda: len(listening.book.messages) == 3)
    streams.end()
    await until(lambda: len(listening.book.stays) == 5)
    assert "Last-Event-ID" not in streams.requests[2].headers
    assert listening.book.counts == {("realtime_drops", "ended"): 2}
    assert "a subscriber was dropped: the server ended the stream" in (listening.book.notes)


async def test_a_retry_counts_though_its_event_was_not_ended(streams, ear_on):
    listening = ear_on(realtime_channel("sse", "text"), streams.url)
    assert await listening.join() == []
    await streams.send(b"retry: 10\ndata: never")
    streams.end()
    await until(lambda: len(listening.book.stays) == 3)
    assert listening.book.messages == []


async def test_an_event_without_end_is_cut_off(streams, ear_on, soon, monkeypatch):
    monkeypatch.setattr("wedload.channels.realtime.event_stream.MOST_EVENT_BYTES", 1_000)
    listening = ear_on(realtime_channel("sse", "text"), streams.url)
    assert await listening.join() == []
    await streams.send(b"data: " + b"x" * 2_000)
    await until(lambda: len(listening.book.stays) >= 2)
    assert any("longer than any should be" in note for note in listening.book.notes)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda: web.json_response({}), "sends application/json, and no text/event-stream"),
        (lambda: web.Response(status=204), "do not come back"),
        (lambda: web.Response(status=403, text="who are you"), "status 403: who are you"),
        (lambda: web.Response(status=302, headers={"Location": "/x"}), "status 302"),
    ],
    ids=["no stream", "204", "403", "302"],
)
async def test_an_answer_that_is_no_stream_ends_it(streams, ear_on, soon, answer, problem):
    streams.answer = answer
    listening = ear_on(realtime_channel("sse", "text", url="/feed?key=1"), streams.url)
    (said,) = await listening.join()
    assert problem in said
    assert f"{streams.url}/feed " in said


async def test_a_server_that_is_not_there_is_named(ear_on, soon):
    url = f"http://127.0.0.1:{free_port()}"
    (said,) = await ear_on(realtime_channel("sse", "text"), url).join()
    assert url in said
    assert said.endswith("(is the server running, and is `url` right?)")


async def test_addresses_beyond_loopback_are_never_connected_to(ear_on):
    channel = realtime_channel("sse", "text", url="http://192.0.2.1/x")
    (said,) = await ear_on(channel, "http://127.0.0.1:9").join()
    assert "192.0.2.1 is not on loopback" in said


async def test_a_stream_that_is_whole_with_its_head_is_heard_but_nobody_stays(
    streams, ear_on, soon, monkeypatch
):
    monkeypatch.setattr("wedload.channels.realtime.schedule._PATIENCE_NS", 1_000_000_000)
    streams.answer = lambda: web.Response(body=b"data: a\n\n", content_type="text/event-stream")
    listening = ear_on(realtime_channel("sse", "text"), streams.url)
    (problem,) = await listening.join()
    assert problem.endswith(": the server ended the stream")
    assert set(listening.book.keys_of(0)) == {"a"}
    joined_ns = [at_ns for what, _, at_ns in listening.book.stays if what == "joined"]
    assert all(one.at_ns in joined_ns for one in listening.book.messages)


async def test_a_stream_that_breaks_off_is_a_drop(streams, ear_on, soon):
    listening = ear_on(realtime_channel("sse", "text"), streams.url)
    assert await listening.join() == []
    await until(lambda: bool(streams.streams))
    streams.requests[0].transport.abort()
    await until(lambda: len(listening.book.stays) == 3)
    assert listening.book.counts == {("realtime_drops", "reset"): 1}
    assert any("broke off" in note for note in listening.book.notes)


async def test_a_server_that_says_nothing_runs_out_of_time(streams, ear_on, soon, monkeypatch):
    monkeypatch.setattr("wedload.channels.realtime.sse.JOIN_TIMEOUT_NS", 50_000_000)
    streams.silent = True
    (said,) = await ear_on(realtime_channel("sse", "text", url="/x"), streams.url).join()
    assert f"{streams.url}/x did not answer within 50ms" in said


async def test_what_is_no_http_is_said_to_be(ear_on, soon):
    async def mail(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(mail, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    listening = ear_on(realtime_channel("sse", "text"), url)
    (said,) = await listening.join()
    assert url in said
    assert listening.ear.report()["join_failures"] == {"protocol": 4}
    server.close()


async def test_a_template_without_a_value_is_a_problem(ear_on):
    channel = realtime_channel("sse", "text", url="/${missing}")
    (said,) = await ear_on(channel, "http://127.0.0.1:9").join()
    assert "missing" in said


@pytest.mark.parametrize("vouched", [True, False])
async def test_tls_and_names_are_those_of_the_target(ear_on, soon, tmp_path, vouched):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("stream.example").configure_cert(tls)
    server = StreamServer()
    await server.start(tls)
    base = f"https://stream.example:{server.port}"
    target = Target(
        base_url=base,
        hosts=(Host("stream.example", "127.0.0.1"),),
        tls=Tls(ca=str(tmp_path / "ca.pem")) if vouched else Tls(),
    )
    listening = ear_on(realtime_channel("sse", "text"), base, target=target)
    problems = await listening.join()
    assert bool(problems) is not vouched
    if vouched:
        await server.send(b"data: over TLS\n\n")
        await until(lambda: listening.book.keys_of(0) == ["over TLS"])
    else:
        assert "certificate" in problems[0]
        assert listening.ear.report()["join_failures"] == {"tls": 4}
    await listening.ear.close()
    await server.stop()


async def test_closing_leaves_no_connection(streams, ear_on):
    listening = ear_on(realtime_channel("sse", "text", subscribers=20), streams.url)
    assert await listening.join() == []
    await listening.ear.close()
    assert listening.present == 20
    await until(lambda: all(_gone(one) for one in streams.requests))


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
