"""Ending what a run that is gone has silenced: by the ids in its journal, and by its comment.

It would run out by itself within a minute or so; whoever is to be woken need not wait for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.errors import UsageError
from wedload.export.alertmanager import Alertmanager
from wedload.export.port import ExportError
from wedload.export.silences import silences_of
from wedload.run.alerting import comment_of
from wedload.run.endpoints import Endpoints
from wedload.safety.target_guard import guard_of
from wedload.workload.permits import Permits

if TYPE_CHECKING:
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.monitoring import Alertmanager as Asked
    from wedload.run.journal import CleanupProgress
    from wedload.run.recovering import Recovered
    from wedload.safety.journal.account import Account
    from wedload.safety.redactor import Redactor
    from wedload.workload.compile_plan import Settings


class Unheard:
    """The silences of one run that is gone."""

    def __init__(
        self, loaded: LoadedPlan, settings: Settings, account: Account, progress: CleanupProgress
    ) -> None:
        self._loaded = loaded
        self._settings = settings
        self._progress = progress
        self._left = dict.fromkeys(account.silences)
        self._asked: Asked | None = None
        # a run that had ended by itself had looked for them, too
        if loaded.plan.monitoring is not None and not (account.ended and not self._left):
            self._asked = loaded.plan.monitoring.alertmanager
        self._looked = self._asked is None or not self._asked.silence
        self._ended = 0
        self._problem = ""

    async def end(self, permits: Permits | None = None) -> None:
        """End those that are left; `permits`: of the target, once it is known what it allows."""
        asked = self._asked
        if asked is None or (self._looked and not self._left):
            return
        target = self._loaded.plan.targets[self._settings.target]
        endpoints = Endpoints(self._loaded, self._settings, guard_of(target, permits or Permits()))
        try:
            endpoint = await endpoints.endpoint(("alertmanager", "url"), asked.url, asked.headers)
        except UsageError as error:
            self._problem = str(error)
            return
        try:
            await self._end_at(Alertmanager(endpoint), asked)
        except ExportError as error:
            self._problem = error.message
        finally:
            await endpoint.close()

    async def _end_at(self, manager: Alertmanager, asked: Asked) -> None:
        comment = comment_of(self._settings.run_id, self._loaded.plan.name)
        there: set[str] = set()
        for one in asked.silence:
            there.update(await silences_of(manager, one, comment))
        self._looked = True
        self._left.update(dict.fromkeys(sorted(there)))
        for silence in tuple(self._left):
            await manager.expire(silence)
            self._progress.heard(silence)
            del self._left[silence]
            self._ended += silence in there

    def noted(self, recovered: Recovered, redact: Redactor) -> Recovered:
        """What became of them, beside all else."""
        recovered.heard = self._ended
        if self._left:
            named = ", ".join(self._left)
            recovered.problems.append(
                f"alerts may still be silenced ({named}): {redact(self._problem)}"
            )
        return recovered
