"""The channels of a run: their process, from listening before set-up to what they heard."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from wedload.errors import EarError
from wedload.fleet.ears import EarsProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AsyncExitStack

    from wedload.plan.model import Plan
    from wedload.run.audience import Audience
    from wedload.run.logbook import Logbook
    from wedload.workload.compile_plan import Settings

_TELL_S: Final = 5.0  # between notices while subscribers join
_JOINING: Final = "subscribers are joining"
#: an aborted load waits so long for what it has caused, as it does for iterations under way
_ABORTED_S: Final = 5.0


_NOWHERE: Final[Mapping[str, str]] = MappingProxyType({})


class Channels:
    """The channels of a run, if its plan has any; without, nothing of this does anything."""

    def __init__(
        self, log: Logbook, audience: Audience, places: Mapping[str, str] = _NOWHERE
    ) -> None:
        """`places`: where in the plan each channel stands."""
        self._log = log
        self._places = places
        self._audience = audience
        self._ears: EarsProcess | None = None
        self._joining: asyncio.Task[None] | None = None
        self._told: str | None = None  # of subscribers that join, the last
        #: what stands in the result of each channel beside its metrics; None: it was lost
        self.reports: dict[str, dict[str, Any]] | None = {}

    async def listen(
        self, stack: AsyncExitStack, plan: Plan, settings: Settings, workers: int
    ) -> Settings:
        """Listen; the settings with what load processes need to know of it. `stack` ends it.

        Raises:
            EarError: nobody can listen there.
            WorkerError: the process was not started.
        """
        if not plan.channels:
            return settings
        self._audience.notice("opening the channels")
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wedload-ears-"))
        link = str(Path(folder) / "link")
        self._ears = await EarsProcess.start(self._log, self._tell)
        stack.push_async_callback(self._ears.stop)
        try:
            channels = await self._ears.listen(plan, settings, link, workers)
        except EarError as error:
            raise self._redacted(error) from None
        return replace(settings, channels=channels, ears=link)

    async def join(self, variables: dict[str, Any]) -> None:
        """Let all subscribers join, with what set-up captured; `hurry` ends that, too.

        Raises:
            EarError: not all of them could.
        """
        if self._ears is None:
            return
        self._joining = asyncio.create_task(self._ears.join(variables), name="joining")
        try:
            while not (await asyncio.wait([self._joining], timeout=_TELL_S))[0]:
                self._tell(self._told or _JOINING)  # nobody has joined, and nobody forgot
        except asyncio.CancelledError:
            self._joining.cancel()
            await asyncio.gather(self._joining, return_exceptions=True)
            raise
        if self._joining.cancelled():
            return
        try:
            self._joining.result()
        except EarError as error:
            raise self._redacted(error) from None
        if self._told is not None:
            self._tell(f"{_JOINING}: all have")

    def _tell(self, text: str) -> None:
        self._told = text
        self._audience.notice(text)

    def begin(self, lost: Callable[[], None]) -> None:
        """The load begins; `lost` is to end it, if nobody hears any more what it causes."""
        if self._ears is not None:
            self._ears.begin(lost)

    async def settle(self, *, aborted: bool) -> None:
        """The load is over: wait until what it has caused is there, or overdue."""
        if self._ears is not None:
            reports = await self._ears.settle(_ABORTED_S if aborted else None)
            self.reports = None if reports is None else self._log.redact.inside(reports)

    def hurry(self) -> None:
        """Somebody wants to stop: messages are waited for some seconds, and nobody joins."""
        if self._joining is not None:
            self._joining.cancel()
        if self._ears is not None:
            self._ears.hurry(_ABORTED_S)

    def _redacted(self, error: EarError) -> EarError:
        hint = None if error.hint is None else self._log.redact(error.hint)
        message = "\n".join(map(self._placed, error.message.splitlines()))
        return EarError(self._log.redact(message), hint)

    def _placed(self, line: str) -> str:
        """A line of a message that begins with a channel, and where in the plan that stands."""
        begins = (
            place for name, place in self._places.items() if line.startswith(f"channel {name}:")
        )
        place = next(begins, None)
        return line if place is None else f"{place}: {line}"

    def kill(self) -> None:
        """End it this instant."""
        if self._ears is not None:
            self._ears.kill()
