"""The silences of a run: asked for before its load, renewed as long as it lives, ended with it.

Each ends by itself soon after its last renewal, so that a run that dies leaves no alert unheard for
long. Who is told of their ids, and whether a run may begin without them, is not known here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from wedload.export.alertmanager import AUTHOR
from wedload.export.port import ExportError
from wedload.plan.matchers import Matcher, is_of_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wedload.export.alertmanager import Alertmanager, Silence

#: alerts of wedload's own, which no run is to silence
OWN_ALERT: Final = "WedloadBenchmarkBurning"
_NOT_OURS: Final = Matcher("alertname", OWN_ALERT, equal=False)
_RENEWALS: Final = 3  # while one lasts
_AGAIN_S: Final = 2.0  # after a renewal that failed
_ENDINGS: Final = 3  # attempts to end one
_PAUSE_S: Final = 0.3


class Told(Protocol):
    """Who keeps what is to be ended."""

    def silenced(self, silence: str) -> None:
        """Alerts are silenced from now on, under this id."""

    def heard(self, silence: str) -> None:
        """That silence has ended."""


@dataclass(slots=True)
class _Kept:
    matchers: tuple[Matcher, ...]
    now: Silence | None = None


class Silences:
    """Those of one run."""

    def __init__(
        self,
        manager: Alertmanager,
        asked: Iterable[Sequence[Matcher]],
        for_s: float,
        comment: str,
        told: Told,
        notice: Callable[[str], None],
    ) -> None:
        """`comment`: has the id of the run in it, and no other comment is the same."""
        self._manager = manager
        self._kept = [_Kept((*one, _NOT_OURS)) for one in asked]
        self.for_s = for_s
        self._comment = comment
        self._told = told
        self._notice = notice
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.ids: set[str] = set()  # all that there were
        self.failed = 0  # renewals
        self.problem: str | None = None  # of the last of them
        self.left: str | None = None  # why one could not be ended

    async def begin(self) -> None:
        """Ask for all of them.

        Raises:
            ExportError: one is not there.
        """
        for one in self._kept:
            await self._place(one)
        self._task = asyncio.create_task(self._renew(), name="renewing silences")

    async def end(self) -> None:
        """End them, as far as that can be done."""
        self._over.set()
        if self._task is not None:
            await self._task
            self._task = None
        for silence in await self._every():
            await self._expire(silence)

    async def _place(self, one: _Kept) -> None:
        silence = await self._manager.silence(one.matchers, self.for_s, self._comment, one.now)
        if silence not in self.ids:
            self.ids.add(silence)
            self._told.silenced(silence)
        now = await self._manager.silence_of(silence)
        if now is None or now.state != "active":
            state = "not there" if now is None else now.state
            raise ExportError(
                f"{self._manager.shown}: the silence {silence} is {state}; do its clock and ours"
                " agree?"
            )
        if one.now is not None and one.now.id != silence:  # it had run out, or was ended by others
            self._told.heard(one.now.id)
        one.now = now

    async def _renew(self) -> None:
        wait_s = self.for_s / _RENEWALS
        while not await self._is_over(wait_s):
            wait_s = self.for_s / _RENEWALS
            for one in self._kept:
                try:
                    await self._place(one)
                except ExportError as error:
                    self._not_renewed(error)
                    if error.lasting:
                        one.now = None  # it is not known there any more: asked for anew
                    wait_s = min(_AGAIN_S, wait_s)

    def _not_renewed(self, error: ExportError) -> None:
        self.failed += 1
        if self.problem != error.message:
            self._notice(f"warning, a silence of alerts is not renewed: {error.message}")
        self.problem = error.message

    async def _is_over(self, wait_s: float) -> bool:
        try:
            async with asyncio.timeout(wait_s):
                await self._over.wait()
        except TimeoutError:
            return False
        return True

    async def _every(self) -> list[str]:
        """Those that we know, and those whose ids never reached us."""
        found = sorted(self.ids)
        try:
            for one in self._kept:
                found += await silences_of(self._manager, one.matchers, self._comment)
        except ExportError as error:
            self.problem = error.message  # those that we know are asked for one by one
        return list(dict.fromkeys(found))

    async def _expire(self, silence: str) -> None:
        problem = ""
        for attempt in range(_ENDINGS):
            try:
                await self._manager.expire(silence)
            except ExportError as error:
                problem = error.message
                await asyncio.sleep(_PAUSE_S * (attempt + 1))
            else:
                self._told.heard(silence)
                return
        self.left = problem
        self._notice(
            f"warning, the silence {silence} could not be ended: {problem}; it ends by itself"
            f" within {self.for_s:g} s"
        )


async def silences_of(
    manager: Alertmanager, matchers: Sequence[Matcher], comment: str
) -> list[str]:
    """Ids of what a run has silenced by these matchers, and not ended.

    Raises:
        ExportError: nobody says.
    """
    of_environment = [one for one in matchers if is_of_environment(one)]
    return [
        one.id
        for one in await manager.silences(of_environment)
        if one.state != "expired" and one.author == AUTHOR and one.comment == comment
    ]
