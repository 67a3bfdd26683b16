"""The receiver of spans: OTLP over HTTP, `POST /v1/traces`, with limits on everything.

What a sender does wrong is told it as the protocol says: 400 for what is not understood, 503 with
Retry-After while there is no room, and a partial success for spans that were not taken. Source:
OTLP 1.x, "OTLP/HTTP Response".
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

from wedload.protocols.http.decoding import decode_body
from wedload.traces import otlp_json, otlp_protobuf
from wedload.traces.span import NotUnderstoodError

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from types import ModuleType

    from wedload.traces.held import HeldTraces

PATH: Final = "/v1/traces"
#: of a request as it comes, and undone: exporters send 512 spans at once, which are 0.5 MB
MOST_BODY: Final = 4 * 1024 * 1024
MOST_DECODED: Final = 32 * 1024 * 1024
#: requests whose bodies are read at the same time; others come back later
MOST_AT_ONCE: Final = 8
READ_S: Final = 10.0
RETRY_AFTER_S: Final = 1
_CLOSE_S: Final = 0.5  # for requests under way, in the end
_FORMATS: Final[dict[str, ModuleType]] = {
    otlp_protobuf.CONTENT_TYPE: otlp_protobuf,
    otlp_json.CONTENT_TYPE: otlp_json,
}


class SpanReceiver:
    """Takes spans from exporters and puts them where they are held."""

    def __init__(self, held: HeldTraces, now_ns: Callable[[], int]) -> None:
        self._held = held
        self._now_ns = now_ns
        self._under_way = 0
        self._runner: web.AppRunner | None = None
        self.exports = 0
        self.turned_away = 0
        self.not_understood = 0
        self.last_ns = now_ns()  # when something came, or it began

    async def listen(self, listener: socket.socket) -> None:
        """Answer on a bound socket."""
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_post(PATH, self._export)
        self._runner = web.AppRunner(
            app, access_log=None, auto_decompress=False, shutdown_timeout=_CLOSE_S
        )
        await self._runner.setup()
        await web.SockSite(self._runner, listener, backlog=128).start()

    async def close(self) -> None:
        """End it, and every connection."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _export(self, request: web.Request) -> web.Response:
        """An export request: its answer, always in the format in which it came."""
        self.exports += 1
        form = _FORMATS.get(request.content_type)
        if form is None:
            self.not_understood += 1
            known = " or ".join(_FORMATS)
            return web.Response(
                status=415, text=f"{request.content_type} is not received here, but {known} is\n"
            )
        if self._held.full or self._under_way >= MOST_AT_ONCE:
            return self._come_back(form)
        self._under_way += 1
        try:
            async with asyncio.timeout(READ_S):
                body = await request.read()
            return self._take(form, body, request.headers.get("Content-Encoding", ""))
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(form, 413, f"more than {MOST_BODY:,} bytes in one request")
        except TimeoutError:
            return self._refuse(form, 408, f"not there within {READ_S:g} s")
        finally:
            self._under_way -= 1

    def _take(self, form: ModuleType, body: bytes, encoding: str) -> web.Response:
        try:
            if encoding:
                body = decode_body(body, encoding.lower().encode("latin-1"), MOST_DECODED)
            decoded = form.decode(body)
        except OverflowError as error:
            return self._refuse(form, 413, str(error))
        except (NotUnderstoodError, ValueError) as error:
            return self._refuse(form, 400, str(error))
        self.last_ns = self._now_ns()
        refused = self._held.add(decoded.spans, self.last_ns)
        self._held.account.malformed += decoded.malformed
        told = []
        if refused:
            told.append(f"{refused:,} spans had no room")
        if decoded.malformed:
            told.append(f"{decoded.malformed:,} spans had an id or times that none can have")
        return _response(form, 200, form.answer(refused + decoded.malformed, "; ".join(told)))

    def _come_back(self, form: ModuleType) -> web.Response:
        self.turned_away += 1
        response = _response(form, 503, form.problem("no room for more spans now"))
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
        # its body is not read, so that nothing can follow it on this connection
        response.force_close()
        return response

    def _refuse(self, form: ModuleType, status: int, why: str) -> web.Response:
        self.not_understood += 1
        response = _response(form, status, form.problem(why))
        response.force_close()
        return response


def _response(form: ModuleType, status: int, body: bytes) -> web.Response:
    return web.Response(status=status, body=body, content_type=form.CONTENT_TYPE)
