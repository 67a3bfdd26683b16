"""Requests whose handler is traced if their caller wants that. Knows no OpenTelemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scope import within

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    from .export import Tracing

    AioHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def traced(handle: AioHandler, method: str, route: str, tracing: Tracing | None) -> AioHandler:
    """The handler itself where nothing is traced, else one that tells of requests."""
    if tracing is None:
        return handle

    async def handle_traced(request: web.Request) -> web.StreamResponse:
        asked = tracing.of_request(request.headers, method, route)
        if asked is None:
            return await handle(request)
        try:
            with within(asked):
                response = await handle(request)
        except BaseException as error:  # its client has gone
            asked.end(type(error).__name__)
            raise
        asked.answered(response.status)
        return response

    return handle_traced
