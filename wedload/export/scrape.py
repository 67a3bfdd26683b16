"""`/metrics`: where a Prometheus fetches the last picture of a run, as often as it likes.

The last picture of all is kept until it was fetched once more, for as long as whoever closes this
waits, if a Prometheus comes that often: what is fetched is lost with the process.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

from wedload.export.exposition import exposed, wants_open_metrics
from wedload.export.port import ExportError, reason

if TYPE_CHECKING:
    from wedload.export.model import Picture

NAME: Final = "prometheus.listen"
PATH: Final = "/metrics"
#: who comes less often than so is not waited for: of what a pump gives the last picture
PATIENCE_S: Final = 5.5


class Scrape:
    """A small server. Implements `wedload.export.port.Exporter`."""

    name = NAME

    def __init__(self, host: str, port: int, patience_s: float = PATIENCE_S) -> None:
        """`port` 0: any that is free."""
        self._host, self._port = host, port
        self._patience_s = patience_s
        self._runner: web.AppRunner | None = None
        self._picture: Picture | None = None
        self._rendered: dict[bool, tuple[bytes, str]] = {}  # the picture, in each of both formats
        self._rendering = asyncio.Lock()  # once, however many come at a time
        self._fetched = asyncio.Event()  # the picture, once at least
        self._at_s: float | None = None  # when somebody came last
        self._gap_s = 0.0  # since the time before

    @property
    def to(self) -> str:
        """Where it is fetched."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}{PATH}"

    async def open(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_get(PATH, self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self.close()
            message = f"nobody can listen at {self.to}: {reason(error)}"
            raise ExportError(message, lasting=True) from None
        self._port = self._runner.addresses[0][1]

    async def send(self, picture: Picture) -> None:
        """Have it fetched from now on; of the last one, wait for that."""
        self._picture = picture
        self._rendered = {}
        self._fetched.clear()
        if not picture.is_last:
            return
        if self._at_s is None:
            raise ExportError(f"nobody has fetched {self.to}", lasting=True)
        if self._gap_s <= self._patience_s:
            try:
                async with asyncio.timeout(self._patience_s):
                    await self._fetched.wait()
            except TimeoutError:
                message = f"the last figures were not fetched within {self._patience_s:g} s"
                raise ExportError(message, lasting=True) from None

    async def close(self) -> None:
        """Listen no more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.Response:
        now_s = asyncio.get_running_loop().time()
        self._gap_s = 0.0 if self._at_s is None else now_s - self._at_s
        self._at_s = now_s
        accept = ",".join(request.headers.getall("Accept", ()))
        as_open = wants_open_metrics(accept)
        async with self._rendering:
            picture, rendered = self._picture, self._rendered
            if as_open not in rendered:
                # may take a second for many series; the loop has a run to look after
                rendered[as_open] = await asyncio.to_thread(exposed, picture, open_metrics=as_open)
        body, content_type = rendered[as_open]
        if picture is not None and picture is self._picture:
            self._fetched.set()
        return web.Response(body=body, headers={"Content-Type": content_type})
