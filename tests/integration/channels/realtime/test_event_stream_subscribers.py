"""Subscribers to event streams: they hear, and come back with the id that they heard last."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.helpers.ports import free_port
from tests.helpers.realtime import realtime_channel
from tests.helpers.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class StreamServer:
    """Sends each connection what a test writes; it ends where a test ends it."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.streams: list[web.StreamResponse] = []
        self.answer: Any = None
        self._ends: list[asyncio.Event] = []

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, backlog=1024).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

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
    assert "channel news: a subscriber was dropped: the server ended the stream" in (
        listening.book.notes
    )


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


async def test_closing_leaves_no_connection(streams, ear_on):
    listening = ear_on(realtime_channel("sse", "text", subscribers=20), streams.url)
    assert await listening.join() == []
    await listening.ear.close()
    assert listening.present == 20
    await until(lambda: all(_gone(one) for one in streams.requests))


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
