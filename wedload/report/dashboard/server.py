"""The dashboard's server: a page, its events, and a stop; thin. Knows no run.

Source: WHATWG HTML, 9.2 (server-sent events).
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from wedload.errors import UsageError
from wedload.report.dashboard.guard import Guard
from wedload.report.dashboard.subscribers import Subscribers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

_GRACE_S: Final = 1.0  # for answers under way, when the server ends
_PATIENCE_S: Final = 10.0  # with a browser that does not read
_MOST_BODY_BYTES: Final = 1024
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address has the token
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # no other page lays its own over the button
}


@dataclass(frozen=True, slots=True)
class Served:
    """A dashboard that is served: its address for people, and who listens."""

    url: str
    subscribers: Subscribers


class _Pages:
    def __init__(
        self, page: str, policy: str, stop: Callable[[], dict[str, Any]], patience_s: float
    ) -> None:
        self.patience_s = patience_s
        self.page = page
        self.policy = policy
        self.stop = stop
        self.guard = Guard("", "")  # nobody is let in until the port is known
        self.subscribers = Subscribers()

    @web.middleware
    async def guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        why = self.guard.refusal(
            host=request.headers.get("Host"),
            token=request.query.get("token"),
            origin=request.headers.get("Origin"),
            changes=request.method not in {"GET", "HEAD"},
        )
        if why is not None:
            return web.Response(status=403, text=why, headers=_HEADERS)
        return await handler(request)

    async def show(self, _: web.Request) -> web.Response:
        headers = {**_HEADERS, "Content-Security-Policy": self.policy}
        return web.Response(text=self.page, content_type="text/html", headers=headers)

    async def events(self, request: web.Request) -> web.StreamResponse:
        queue = self.subscribers.join()
        if queue is None:
            text = "enough browsers watch this run already: close one"
            return web.Response(status=503, text=text, headers=_HEADERS)
        try:
            answer = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
            await answer.prepare(request)
            while (state := await queue.get()) is not None:
                async with asyncio.timeout(self.patience_s):
                    await answer.write(b"data: " + state + b"\n\n")
        except TimeoutError:
            if request.transport is not None:
                request.transport.abort()  # what is left to send would be waited for
        finally:
            self.subscribers.leave(queue)
        return answer

    async def end(self, _: web.Request) -> web.Response:
        answer = self.stop()
        return web.json_response(answer, status=409 if "error" in answer else 200, headers=_HEADERS)


@asynccontextmanager
async def dashboard_server(
    host: str,
    port: int,
    *,
    page: str,
    policy: str,
    stop: Callable[[], dict[str, Any]],
    patience_s: float = _PATIENCE_S,
) -> AsyncIterator[Served]:
    """Serve `page` under the Content-Security-Policy `policy`; port 0: any that is free.

    `stop` asks the run to end, and answers as `wedload ctl stop` does. A browser that does
    not read for `patience_s` is cut off.

    Raises:
        UsageError: the address cannot be had.
    """
    pages = _Pages(page, policy, stop, patience_s)
    app = web.Application(middlewares=[pages.guarded], client_max_size=_MOST_BODY_BYTES)
    app.add_routes(
        [web.get("/", pages.show), web.get("/events", pages.events), web.post("/stop", pages.end)]
    )
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_GRACE_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise UsageError(
                f"--dashboard {host}:{port} cannot be served: {error.strerror or error}",
                "name another port, or none: --dashboard takes one that is free",
            ) from None
        shown = f"[{host}]" if ":" in host else host
        pages.guard = Guard(f"{shown}:{runner.addresses[0][1]}", secrets.token_urlsafe(24))
        yield Served(f"http://{pages.guard.host}/?token={pages.guard.token}", pages.subscribers)
    finally:
        pages.subscribers.close()
        await runner.cleanup()
