"""The alerts that fire while a run lasts: which were silenced by it, and which were not.

They are asked for again and again, as an Alertmanager tells of none that is over.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.export.port import ExportError
from wedload.export.silences import OWN_ALERT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from wedload.export.alertmanager import Alert, Alertmanager
    from wedload.plan.matchers import Matcher

_EVERY_S: Final = 5.0
MOST: Final = 1_000  # alerts that are remembered


class WatchedAlerts:
    """Those of one run's environments."""

    def __init__(
        self,
        manager: Alertmanager,
        asked: Sequence[Sequence[Matcher]],
        is_ours: Callable[[str], bool],
        since: datetime,
    ) -> None:
        """Of the alerts that match any of `asked`.

        `is_ours`: whether a silence is the run's; `since`: what has fired before is not of the run.
        """
        self._manager = manager
        self._asked = asked
        self._is_ours = is_ours
        self._since = since
        self._task: asyncio.Task[None] | None = None
        self._silenced: dict[str, str] = {}  # fingerprint -> name
        self._heard: dict[str, str] = {}
        self.problem: str | None = None  # why they were not asked for, the last time

    @property
    def silenced(self) -> list[str]:
        """Names of those that the run silenced, each as often as there were such alerts."""
        return sorted(self._silenced.values())

    @property
    def heard(self) -> list[str]:
        """Names of those that fired in the run and were not silenced."""
        return sorted(self._heard.values())

    def begin(self) -> None:
        """Ask from now on."""
        self._task = asyncio.create_task(self._watch(), name="watching alerts")

    async def end(self) -> None:
        """Ask for the last time."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        await self.look()

    async def look(self) -> None:
        """Ask once."""
        try:
            for matchers in self._asked:
                for one in await self._manager.alerts(matchers):
                    self._take(one)
        except ExportError as error:
            self.problem = error.message
        else:
            self.problem = None

    async def _watch(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_S)

    def _take(self, one: Alert) -> None:
        if one.labels.get("alertname") == OWN_ALERT:
            return
        if any(map(self._is_ours, one.silenced_by)):
            _put(self._silenced, one)
        elif one.state == "active" and one.starts_at >= self._since:
            _put(self._heard, one)


def _put(known: dict[str, str], one: Alert) -> None:
    if len(known) < MOST:
        known[one.fingerprint] = one.name
