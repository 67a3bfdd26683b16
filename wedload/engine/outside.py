"""What runs before and after the load: set-up, tear-down, clean-up and the sweep."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wedload.engine.again import SigningInAgain
from wedload.engine.cleanup import AT_ONCE, CleanUp
from wedload.engine.context import outside_of_load
from wedload.engine.holding import asks_to_wait
from wedload.engine.http_samples import record_response
from wedload.engine.patience import Patience
from wedload.engine.recovery import Recovery
from wedload.engine.sweeping import carry_out
from wedload.engine.virtual_user import VirtualUser
from wedload.errors import JournalError
from wedload.plan.scenarios import CLEANUP
from wedload.workload.compile_plan import NO_PHASE
from wedload.workload.feeders import FeederExhaustedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wedload.engine.context import ScenarioContext, Shared
    from wedload.engine.deletion import Deletion, Entries
    from wedload.engine.sweeping import Swept
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.protocols.http.response import Response
    from wedload.safety.journal.account import Account
    from wedload.workload.compile_plan import Workload
    from wedload.workload.compiled import CompiledStep

_REPORTS_A_SECOND: Final = 4


class Outside:
    """What one load process does outside of the load, one after the other."""

    def __init__(
        self, shared: Shared, workload: Workload, load_processes: int, flush: Callable[[], None]
    ) -> None:
        """`flush`: called when something is over, and its samples are there."""
        self._shared = shared
        self._workload = workload
        self._at_once = max(AT_ONCE // load_processes, 1)
        self._flush = flush

    async def run_once(
        self, scenario: str, steps: tuple[CompiledStep, ...]
    ) -> tuple[dict[str, Any], list[str]]:
        """Run steps as one virtual user: what they captured, and what went wrong."""
        if not steps:
            return {}, []
        context = self._context(scenario)
        user = VirtualUser(context, context.scope(0))
        try:
            succeeded = await user.run_once(steps)
            problems = [] if succeeded else list(self._shared.recorder.notes) or ["a step failed"]
        except (FeederExhaustedError, JournalError) as error:
            problems = [str(error)]
        finally:
            user.close()
        self._flush()
        before = user.first_variables()
        captured = {
            name: value
            for name, value in user.scope.variables.items()
            if name not in before or before[name] is not value
        }
        return captured, problems

    async def clean_up(self, progress: Callable[[CleanupCount], None]) -> CleanupCount:
        """Delete what this load process has created; `progress` is told how far that is."""
        created, patience = self._shared.cleanup, Patience()
        ready = SigningInAgain(self._shared, patience).ready
        return await self._delete(created, created.count, patience, ready, progress)

    async def recover(
        self, account: Account, progress: Callable[[CleanupCount], None]
    ) -> CleanupCount:
        """Delete what load processes have created that are gone, and tell their journals."""
        found = Recovery(self._shared, self._workload.identities, account)
        return await self._delete(found, found.count(), found.patience, found.ready, progress)

    async def sweep(self) -> Swept:
        """Send the plan's sweep."""
        sweep = self._workload.sweep
        assert sweep is not None  # nobody asks for it otherwise
        try:
            return await carry_out(sweep, self._context(CLEANUP))
        finally:
            self._flush()

    async def _delete(
        self,
        entries: Entries,
        count: CleanupCount,
        patience: Patience,
        ready: Callable[[Deletion], Awaitable[None]],
        progress: Callable[[CleanupCount], None],
    ) -> CleanupCount:
        async def report() -> None:
            while True:
                progress(count)
                await asyncio.sleep(1 / _REPORTS_A_SECOND)

        cleaning = CleanUp(
            self._shared, entries, count, patience, ready, self._record_deletion, self._at_once
        )
        reporting = asyncio.create_task(report(), name="clean-up progress")
        try:
            await cleaning.run()
        finally:
            reporting.cancel()
            await asyncio.gather(reporting, return_exceptions=True)
            self._flush()
        return count

    def _record_deletion(self, response: Response) -> None:
        recorder, series = self._shared.recorder, self._workload.cleanup_series
        record_response(recorder, CLEANUP, series, NO_PHASE, response)
        if response.status >= 400 and asks_to_wait(response):
            for counter in ("http_limited", "rate_limit_waits"):
                recorder.count(series, counter, NO_PHASE)

    def _context(self, scenario: str) -> ScenarioContext:
        return outside_of_load(self._shared, scenario, self._workload.identities_of(scenario))
