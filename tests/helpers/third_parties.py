"""A calendar and e-mail that tests play themselves, and what is asked of them."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TIME = "2027-06-05T14:00:00+00:00"
LATER = "2027-06-05T16:00:00+00:00"


@dataclass
class Asked:
    """One request that came."""

    what: str
    headers: dict[str, str]
    body: Any

    @property
    def trace(self) -> str:
        return self.headers["traceparent"].split("-")[1]

    @property
    def span(self) -> str:
        return self.headers["traceparent"].split("-")[2]


class Provider:
    """A calendar and e-mail at one address; `mood` says how each of them behaves.

    A mood is `down` (the connection breaks once the request is read), `hang`, `done and broken`
    (it is carried out before the connection breaks), a status with headers and perhaps a reason, or
    a list of moods, one for each request and then well again. Without a mood all is well.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.moods: dict[str, Any] = {}
        self.events: dict[str, Any] = {}
        self.mails: dict[str, Any] = {}
        self.busy: list[dict[str, str]] = []
        self.closing = asyncio.Event()
        self.url = ""

    def count(self, what: str) -> int:
        return Counter(each.what for each in self.asked)[what]

    def of(self, what: str) -> list[Asked]:
        return [each for each in self.asked if each.what == what]

    def handles(self, what: str, do: Any) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = json.loads(await request.read() or "null")
            headers = {name.lower(): value for name, value in request.headers.items()}
            self.asked.append(Asked(what, headers, body))
            mood = self.moods.get(what) or self.moods.get(what.partition(".")[0])
            if isinstance(mood, list):
                mood = mood.pop(0) if mood else None
            if mood == "done and broken":
                do(request, body, headers)
            if mood in ("down", "done and broken"):
                request.transport.abort()
                return web.Response()
            if mood == "hang":
                await self.closing.wait()
            if isinstance(mood, tuple):
                status, more, *reason = mood
                error = {"error": {"errors": [{"reason": "rateLimitExceeded"}]}}
                error |= {"name": reason[0]} if reason else {}
                return web.json_response(error, status=status, headers=more)
            return do(request, body, headers)

        return handle

    def free_busy(self, _request: Any, body: Any, _headers: Any) -> web.Response:
        calendar = body["items"][0]["id"]
        return web.json_response({"calendars": {calendar: {"busy": self.busy}}})

    def insert(self, _request: Any, body: Any, _headers: Any) -> web.Response:
        if body["id"] in self.events:
            return web.json_response({"error": {"code": 409}}, status=409)
        self.events[body["id"]] = body
        return web.json_response({"id": body["id"], "htmlLink": f"https://cal.test/{body['id']}"})

    def delete(self, request: Any, _body: Any, _headers: Any) -> web.Response:
        there = self.events.pop(request.match_info["event"], None)
        return web.Response(status=204 if there else 410)

    def mail(self, _request: Any, body: Any, headers: Any) -> web.Response:
        self.mails.setdefault(headers["idempotency-key"], body)
        return web.json_response({"id": "mail-1", "MessageID": "mail-1"})


def wish(**changes: Any) -> dict[str, Any]:
    return {
        "supplier_id": "supplier-1",
        "couple_id": "couple-1",
        "event_type": "consultation",
        "preferred_times": [TIME, LATER],
        **changes,
    }


def message(**changes: Any) -> dict[str, Any]:
    return {
        "template": "welcome",
        "recipients": ["robin@example.com", "sam@example.com"],
        "data": {"name": "Robin"},
        **changes,
    }


@asynccontextmanager
async def playing() -> AsyncIterator[Provider]:
    """One that plays both, at its `url`, in the test's own loop."""
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
