"""The tracing of a run: the process that receives spans, and what is found when it is over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wedload.errors import EarError, WorkerError
from wedload.fleet.packages import require_tracing
from wedload.fleet.span_messages import OpenSpans
from wedload.fleet.spans import SpansProcess
from wedload.plan.checks.listening import address_of
from wedload.traces.found import FoundTraces

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from wedload.plan.model import Plan
    from wedload.run.audience import Audience
    from wedload.run.logbook import Logbook
    from wedload.workload.compile_plan import Settings

#: how long late spans are waited for after the load; of one that was ended early
_PATIENCE_S: Final = 12.0
_ABORTED_S: Final = 2.0


class Tracing:
    """That of a run, if its plan says so; without, nothing of this does anything."""

    def __init__(self, plan: Plan, audience: Audience, place: str = "") -> None:
        """`place`: where in the plan it stands."""
        self._plan = plan.tracing
        self._audience = audience
        self._place = place
        self._process: SpansProcess | None = None
        self._log: Logbook | None = None
        self._settling = False
        #: what came of it; None: nothing was to be traced
        self.found: FoundTraces | None = None

    async def open(self, stack: AsyncExitStack, settings: Settings) -> Settings:
        """Receive spans; the settings with where that is. `stack` ends it.

        Raises:
            UsageError: a package is missing.
            EarError: nobody can listen there.
            WorkerError: the process was not started.
        """
        if self._plan is None:
            return settings
        require_tracing()
        address = address_of(self._plan.listen)
        assert address is not None  # the plan was checked
        self._process = await SpansProcess.start()
        stack.push_async_callback(self._process.stop)
        asked = OpenSpans(settings.run_id, *address, self._plan.expose, self._plan.max_spans)
        try:
            endpoint = await self._process.open(asked)
        except EarError as error:
            raise EarError(f"{self._place}: {error.message}", error.hint) from None
        self.found = FoundTraces(self._plan.share, endpoint)
        self._audience.notice(f"spans are received at {endpoint}/v1/traces (OTLP over HTTP)")
        return replace(settings, spans=endpoint)

    def begin(self, log: Logbook) -> None:
        """The load begins: take in what responses say of themselves, too."""
        self._log = log
        if self.found is not None:
            log.sinks.append(self.found.timings)

    async def settle(self, *, aborted: bool) -> None:
        """The load is over: wait a short while for late spans, and take in what they say."""
        found = self.found
        if self._process is None or found is None or self._log is None:
            return
        found.requests = self._log.view.summary.count("traced_requests")
        self._audience.notice("waiting for late spans")
        self._settling = True
        try:
            settled = await self._process.settle(
                found.requests, _ABORTED_S if aborted else _PATIENCE_S
            )
        except WorkerError as error:
            found.lost = error.message
            return
        found.account, found.totals = settled.account, settled.totals
        found.totals.rename(self._log.redact)
        found.exports, found.turned_away = settled.exports, settled.turned_away
        found.not_understood = settled.not_understood

    def hurry(self) -> None:
        """Somebody wants to stop: late spans are waited for a moment, if they are."""
        if self._process is not None and self._settling:
            self._process.hurry(_ABORTED_S)

    def kill(self) -> None:
        """End it this instant."""
        if self._process is not None:
            self._process.kill()
