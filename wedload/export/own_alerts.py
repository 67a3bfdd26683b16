"""Alerts of a run's own: told to an Alertmanager as long as they last, resolved when they are over.

An alert ends by itself a minute after it was told last, so that a run that dies leaves none behind.
What is alerted, and in which words, is for others to say.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from wedload.export.alertmanager import written
from wedload.export.port import ExportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from wedload.export.alertmanager import Alertmanager

_EVERY_S: Final = 15.0  # told again, as long as it lasts
_LASTS_S: Final = 60.0  # after it was told last
_AGAIN_S: Final = 2.0  # after one that was not taken
_LAST_S: Final = 8.0  # for those that are to be resolved, when all is over


@dataclass(frozen=True, slots=True)
class OwnAlert:
    """One that fires; its labels say which it is."""

    labels: tuple[tuple[str, str], ...]
    annotations: tuple[tuple[str, str], ...]
    since: datetime


class OwnAlerts:
    """Those of one run."""

    def __init__(self, manager: Alertmanager, notice: Callable[[str], None]) -> None:
        self._manager = manager
        self._notice = notice
        self._now: dict[tuple[tuple[str, str], ...], OwnAlert] = {}
        self._over: dict[tuple[tuple[str, str], ...], OwnAlert] = {}  # and nobody knows it yet
        self._changed = asyncio.Event()
        self._ending = False
        self._task: asyncio.Task[None] | None = None
        self.raised = 0  # so many have fired
        self.sent = 0  # times that they were told
        self.failed = 0  # attempts to tell of them
        self.problem: str | None = None  # of the last of these

    def put(self, alerts: Iterable[OwnAlert]) -> None:
        """These fire now, and no others."""
        now = {one.labels: one for one in alerts}
        changed = now.keys() != self._now.keys()
        self.raised += len(now.keys() - self._now.keys())
        self._over |= {key: one for key, one in self._now.items() if key not in now}
        self._over = {key: one for key, one in self._over.items() if key not in now}
        self._now = now
        if changed:  # else the new figures go with what is told anyway
            self._changed.set()
        if self._task is None and now:
            self._task = asyncio.create_task(self._tell(), name="telling alerts")

    async def end(self) -> None:
        """The run is over, and with it all that burns."""
        self.put(())
        if self._task is None:
            return
        self._ending = True
        self._changed.set()
        try:
            async with asyncio.timeout(_LAST_S):
                await self._task  # a time-out cancels it
        except TimeoutError:
            self._failed(ExportError(self.problem or "it takes too long"))
        self._task = None

    async def _tell(self) -> None:
        wait_s = 0.0
        while True:
            if not (self._ending and self._changed.is_set()):
                await self._until_changed(wait_s)
            self._changed.clear()
            over = dict(self._over)
            try:
                await self._manager.tell(self._bodies(over.values()))
            except ExportError as error:
                self._failed(error)
                wait_s = _AGAIN_S
                if self._ending and error.lasting:
                    return
                continue
            self._over = {key: one for key, one in self._over.items() if key not in over}
            self.sent += 1
            wait_s = _EVERY_S
            if self._ending and not self._over:
                return

    async def _until_changed(self, wait_s: float) -> None:
        try:
            async with asyncio.timeout(wait_s):
                await self._changed.wait()
        except TimeoutError:
            return

    def _bodies(self, over: Iterable[OwnAlert]) -> list[Mapping[str, Any]]:
        now = datetime.now(UTC)
        later = now + timedelta(seconds=_LASTS_S)
        firing = [_body(one, later) for one in self._now.values()]
        return [*firing, *(_body(one, now) for one in over)]

    def _failed(self, error: ExportError) -> None:
        self.failed += 1
        if error.message != self.problem:
            self._notice(f"warning, an alert of a row that burns is not told: {error.message}")
        self.problem = error.message


def _body(one: OwnAlert, ends: datetime) -> dict[str, Any]:
    return {
        "labels": dict(one.labels),
        "annotations": dict(one.annotations),
        "startsAt": written(one.since),
        "endsAt": written(ends),
    }
