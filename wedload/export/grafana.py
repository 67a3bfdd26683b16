"""Annotations in a Grafana: a region for each stretch of a run, from when it begins.

A region is posted when it begins, and given its end when that is there: whoever looks at a
dashboard during the run sees what goes on, and one of a run that died still says where it began.
One whose begin was not taken is posted as a whole at its end.

Source: Grafana, "Annotations HTTP API".
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.export.port import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.export.endpoint import Endpoint

MOST: Final = 500  # regions of a run
_ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.5
_LAST_S: Final = 6.0  # for what is still to be told when the load is over


@dataclass(slots=True)
class Region:
    """A stretch of a run, and what is known of its annotation."""

    text: str
    tags: tuple[str, ...]
    begin_s: float  # of the load
    end_s: float
    id: int | None = None
    state: str = "to come"  # … begun, over


class Annotations:
    """Those of one run: told by one task, in order; the load never waits for it."""

    def __init__(
        self,
        endpoint: Endpoint,
        dashboard: str | None,
        regions: Sequence[Region],
        notice: Callable[[str], None],
    ) -> None:
        self._endpoint = endpoint
        self._dashboard = dashboard
        self._regions = regions[:MOST]
        self._notice = notice
        self._queue: asyncio.Queue[tuple[Region, int | None] | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._began_ms = 0
        self.sent = 0
        self.failed = 0
        self.problem: str | None = None

    def begin(self, began_s: float) -> None:
        """The load begins: at this instant, s since 1970."""
        self._began_ms = round(began_s * 1000)
        self._task = asyncio.create_task(self._tell(), name="annotating")
        self.tick(0.0)

    def tick(self, elapsed_s: float) -> None:
        """So much of the load is over: tell what has begun and ended meanwhile."""
        for one in self._regions:
            if one.state == "to come" and one.begin_s <= elapsed_s:
                one.state = "begun"
                self._queue.put_nowait((one, None))
            if one.state == "begun" and one.end_s <= elapsed_s:
                one.state = "over"
                self._queue.put_nowait((one, self._ms(one.end_s)))

    async def end(self, elapsed_s: float) -> None:
        """The load is over, and with it all that goes on."""
        if self._task is None:
            return
        self.tick(elapsed_s)
        for one in self._regions:
            if one.state == "begun":
                one.state = "over"
                self._queue.put_nowait((one, self._ms(min(one.end_s, elapsed_s))))
        self._queue.put_nowait(None)
        try:
            async with asyncio.timeout(_LAST_S):
                await self._task
        except TimeoutError:
            self._not_told(ExportError(f"{self._endpoint.shown} takes too long"))
        self._task = None

    def cancel(self) -> None:
        """Nobody waits any more."""
        if self._task is not None:
            self._task.cancel()

    async def _tell(self) -> None:
        while (told := await self._queue.get()) is not None:
            region, end_ms = told
            try:
                await self._region(region, end_ms)
                self.sent += end_ms is not None
            except ExportError as error:
                if end_ms is not None or error.lasting:
                    self._not_told(error)

    async def _region(self, one: Region, end_ms: int | None) -> None:
        if one.id is not None:
            await self._send("PATCH", f"/api/annotations/{one.id}", {"timeEnd": end_ms})
            return
        body: dict[str, Any] = {
            "time": self._ms(one.begin_s), "tags": list(one.tags), "text": one.text,
        }  # fmt: skip
        if end_ms is not None:
            body["timeEnd"] = end_ms
        if self._dashboard is not None:
            body["dashboardUID"] = self._dashboard
        one.id = await self._send("POST", "/api/annotations", body)

    async def _send(self, method: str, path: str, body: dict[str, Any]) -> int | None:
        headers = {"Content-Type": "application/json"}
        for attempt in range(_ATTEMPTS):
            try:
                answer = await self._endpoint.send(method, path, orjson.dumps(body), headers)
            except ExportError as error:
                if error.lasting or attempt == _ATTEMPTS - 1:
                    raise
                await asyncio.sleep(_PAUSE_S * (attempt + 1))
            else:
                return _id(answer.body)
        return None

    def _not_told(self, error: ExportError) -> None:
        self.failed += 1
        if self.problem != error.message:
            self._notice(f"warning, an annotation is not made: {error.message}")
        self.problem = error.message

    def _ms(self, at_s: float) -> int:
        return self._began_ms + round(at_s * 1000)


def _id(body: bytes) -> int | None:
    """What an annotation is called; None: nobody says, and it is posted anew at its end."""
    try:
        found = orjson.loads(body)["id"]
    except (ValueError, LookupError, TypeError):
        return None
    return found if isinstance(found, int) else None
