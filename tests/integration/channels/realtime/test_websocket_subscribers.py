"""Subscribers to plain WebSockets, over TLS and by names that `hosts` leads elsewhere too."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from aiohttp import WSMsgType, web

from tests.helpers.realtime import realtime_channel
from tests.helpers.waiting import until
from wedload.errors import EarError
from wedload.plan.hosts import Host
from wedload.plan.model import Target, Tls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class FeedServer:
    """Keeps what it is told, and says what a test says."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []
        self.told: list[str] = []
        self.goodbye: tuple[int, bytes] | None = None  # said at once

    async def start(self, tls: ssl.SSLContext | None) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=tls).start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        for socket in self.sockets:
            await socket.close()
        await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(timeout=0.1)
        await socket.prepare(request)
        self.sockets.append(socket)
        if self.goodbye is not None:
            code, reason = self.goodbye
            await socket.close(code=code, message=reason)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.told.append(message.data)
        return socket


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def feed(request, authority) -> AsyncIterator[FeedServer]:
    tls = None
    if getattr(request, "param", False):
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("feed.example").configure_cert(tls)
    one = FeedServer()
    await one.start(tls)
    yield one
    await one.stop()


async def test_subscribers_ask_and_hear(feed, ear_on):
    channel = realtime_channel(
        "websocket", "json.id", url="/feed", subscribers=2, subscribe='{"only": ${vu}}'
    )
    listening = ear_on(channel, feed.url)
    assert await listening.join() == []
    await until(lambda: len(feed.told) == 2)
    assert sorted(feed.told) == ['{"only": 1}', '{"only": 2}']
    for socket in feed.sockets:
        await socket.send_str('{"subscribed": true}')  # an answer to that, and nothing unexpected
        await socket.send_str('{"id": "text"}')
        await socket.send_bytes(b'{"id": "bytes"}')
        await socket.send_str("no JSON")
    await until(lambda: listening.book.surprises == 2)
    for subscriber in (0, 1):
        assert listening.book.keys_of(subscriber) == ["text", "bytes"]


async def test_one_that_asks_for_nothing_has_joined_when_it_is_connected(feed, ear_on):
    listening = ear_on(realtime_channel("websocket", "text"), feed.url)
    assert await listening.join() == []
    await until(lambda: len(feed.sockets) == 1)
    await feed.sockets[0].send_str("tick")
    await until(lambda: listening.book.keys_of(0) == ["tick"])
    assert feed.told == []


async def test_what_comes_first_is_an_answer_only_to_what_was_said(feed, ear_on):
    listening = ear_on(realtime_channel("websocket", "json.id"), feed.url)
    assert await listening.join() == []
    await until(lambda: len(feed.sockets) == 1)
    await feed.sockets[0].send_str('{"hello": "you"}')
    await until(lambda: listening.book.surprises == 1)


async def test_a_first_message_with_a_key_is_heard_and_the_next_is_no_answer(feed, ear_on):
    listening = ear_on(realtime_channel("websocket", "json.id", subscribe="go"), feed.url)
    assert await listening.join() == []
    await until(lambda: feed.told == ["go"])
    await feed.sockets[0].send_str('{"id": "a"}')
    await feed.sockets[0].send_str('{"hello": "you"}')
    await until(lambda: listening.book.surprises == 1)
    assert listening.book.keys_of(0) == ["a"]


async def test_who_was_dropped_joins_again(feed, ear_on, soon):
    channel = realtime_channel("websocket", "text", subscribe="hello")
    listening = ear_on(channel, feed.url)
    assert await listening.join() == []
    await until(lambda: feed.told == ["hello"])
    await feed.sockets[0].close(code=4000, message=b"Too many messages per second")
    await until(lambda: len(listening.book.stays) == 3)
    await until(lambda: feed.told == ["hello", "hello"])
    assert listening.book.counts == {
        ("realtime_drops", "MessagePerSecondRateLimitReached"): 1,
        ("realtime_quota_errors", "MessagePerSecondRateLimitReached"): 1,
    }


async def test_one_that_the_server_hangs_up_on_at_once_does_not_stay(
    feed, ear_on, soon, monkeypatch
):
    monkeypatch.setattr("wedload.channels.realtime.schedule._PATIENCE_NS", 1_000_000_000)
    feed.goodbye = (4001, b"ConnectionRateLimitReached: full")
    listening = ear_on(realtime_channel("websocket", "text", subscribe="hello"), feed.url)
    (problem,) = await listening.join()
    assert "ConnectionRateLimitReached: full" in problem
    assert "have the limit of the service raised" in problem


@pytest.mark.parametrize("feed", [True], indirect=True)
async def test_tls_and_names_are_those_of_the_target(feed, ear_on, authority, tmp_path: Path):
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    base = f"https://feed.example:{feed.port}"
    target = Target(
        base_url=base, tls=Tls(ca=str(ca)), hosts=(Host("feed.example", "127.0.0.1", None),)
    )
    listening = ear_on(realtime_channel("websocket", "text"), base, target=target)
    assert await listening.join() == []
    await until(lambda: len(feed.sockets) == 1)
    await feed.sockets[0].send_str("over TLS")
    await until(lambda: listening.book.keys_of(0) == ["over TLS"])


@pytest.mark.parametrize("feed", [True], indirect=True)
async def test_a_certificate_that_nobody_vouches_for_is_refused(feed, ear_on, soon):
    base = f"https://feed.example:{feed.port}"
    target = Target(base_url=base, hosts=(Host("feed.example", "127.0.0.1", None),))
    listening = ear_on(realtime_channel("websocket", "text"), base, target=target)
    (problem,) = await listening.join()
    assert "certificate" in problem
    assert feed.sockets == []


async def test_a_file_of_tls_that_is_missing_is_named_before_set_up(ear_on):
    target = Target(base_url="https://127.0.0.1:9", tls=Tls(ca="/no/such/ca.pem"))
    listening = ear_on(realtime_channel("websocket", "text"), "https://127.0.0.1:9", target=target)
    with pytest.raises(EarError, match=r"tls of the target: /no/such/ca\.pem"):
        await listening.ear.listen()
