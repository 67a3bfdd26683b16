"""Third parties on real sockets, and servers that ask them."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from aiohttp import web

from tests.helpers.third_parties import Provider


@pytest.fixture
async def provider():
    provider = Provider()
    app = web.Application()
    events = "/calendar/v3/calendars/{calendar}/events"
    for method, path, what, do in (
        ("POST", "/calendar/v3/freeBusy", "calendar.free", provider.free_busy),
        ("POST", events, "calendar.insert", provider.insert),
        ("DELETE", events + "/{event}", "calendar.delete", provider.delete),
        ("POST", "/emails", "email.resend", provider.mail),
        ("POST", "/v3/mail/send", "email.sendgrid", provider.mail),
        ("POST", "/email", "email.postmark", provider.mail),
    ):
        app.router.add_route(method, path, provider.handles(what, do))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    await web.SockSite(runner, listener).start()
    provider.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield provider
    provider.closing.set()
    await runner.cleanup()


@pytest.fixture
def platform(start, provider, visit):
    """Starts a server that asks the provider, without some protections if so wanted; a visitor."""

    def begin(*args: str, without: tuple[str, ...] = (), deadline: str = "20s"):
        switched_off = [part for name in without for part in ("--without", name)]
        return visit(
            start(
                *("--suppliers", "1", "--rate-limit", "0"),
                *("--calendar-url", provider.url, "--email-url", provider.url),
                *("--third-party-deadline", deadline),
                *switched_off,
                *args,
            )
        )

    return begin


@pytest.fixture
def counts():
    """What a server did with one third party."""

    async def read(visitor: Any, name: str) -> dict[str, int]:
        return (await visitor.get("/_sandbox/counts")).body["third_parties"][name]

    return read
