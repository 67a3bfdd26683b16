"""The alerts of a run: what it sets off by design is silenced, and its own people are told.

Silences are the one thing here that a run cannot begin without: who was promised that nobody is
woken must not be. All else that fails is said, and ends nothing.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from wedload.errors import TargetError, UsageError
from wedload.export.alertmanager import Alertmanager
from wedload.export.own_alerts import OwnAlert, OwnAlerts
from wedload.export.port import ExportError
from wedload.export.silences import OWN_ALERT, Silences
from wedload.export.watched_alerts import WatchedAlerts
from wedload.plan.matchers import environments, is_of_environment
from wedload.report.figures import benchmark_rows
from wedload.results.monitoring_model import Alerts, Told
from wedload.safety.production import named_production
from wedload.safety.redactor import KNOWN
from wedload.units import NS_PER_S
from wedload.verdict.burning import Burning
from wedload.verdict.monitoring_findings import (
    alerts_heard,
    alerts_unchecked,
    not_renewed,
    not_told,
    still_silenced,
)
from wedload.verdict.wording import missed

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from wedload.export.endpoint import Endpoint
    from wedload.plan.loader import LoadedPlan
    from wedload.report.view import RunView
    from wedload.run.audience import Audience
    from wedload.run.endpoints import Endpoints
    from wedload.run.journal import KeptJournal
    from wedload.run.logbook import Logbook
    from wedload.safety.redactor import Redactor
    from wedload.verdict.burning import Burn
    from wedload.verdict.model import Finding
    from wedload.workload.compile_plan import Settings

RUNBOOK: Final = "docs/monitoring.md#a-row-burns"
_LOOK_S: Final = 1.0  # between looks at the rows
_UNHEARD: Final = (
    "a run whose alerts are not silenced could wake people: start the Alertmanager, or take"
    " `silence` out of [monitoring.alertmanager]"
)


class Alerting:
    """That of a run, if its plan says so; without, nothing of this does anything."""

    def __init__(self, loaded: LoadedPlan, audience: Audience, redact: Redactor) -> None:
        self._loaded = loaded
        self._plan = loaded.plan.monitoring
        self._audience = audience
        self._redact = redact
        self._run_id = ""
        self._endpoints: list[Endpoint] = []
        self._manager: Alertmanager | None = None
        self._silences: Silences | None = None
        self._watched: WatchedAlerts | None = None
        self._own: OwnAlerts | None = None  # from the begin of the load on
        self._burning = Burning()
        self._log: Logbook | None = None
        self._due_s = 0.0  # of the next look at the rows
        self._broken: str | None = None  # why there are no more of these, if that is so

    async def find(self, endpoints: Endpoints, settings: Settings) -> None:
        """Find out who is told, and where.

        Raises:
            UsageError: wedload must not go there, or silence what the plan asks it to.
        """
        self._run_id = settings.run_id
        asked = None if self._plan is None else self._plan.alertmanager
        if asked is None:
            return
        require_no_production(self._loaded, settings.target)
        path = ("alertmanager", "url")
        endpoint = await endpoints.endpoint(path, asked.url, asked.headers)
        self._endpoints.append(endpoint)
        self._manager = Alertmanager(endpoint)

    async def silence(self, stack: AsyncExitStack, journal: KeptJournal) -> None:
        """Silence what the plan says, before anything is set off; `stack` ends it, if need be.

        Raises:
            TargetError: that cannot be done.
        """
        for endpoint in self._endpoints:
            stack.push_async_callback(endpoint.close)
        asked = None if self._plan is None else self._plan.alertmanager
        if asked is None or self._manager is None:
            return
        stack.push_async_callback(self.end)
        if not asked.silence:
            return
        comment = comment_of(self._run_id, self._loaded.plan.name)
        self._silences = Silences(
            self._manager, asked.silence, asked.silence_for / NS_PER_S, comment, journal,
            self._notice,
        )  # fmt: skip
        try:
            await self._silences.begin()
        except ExportError as error:
            place = place_of(self._loaded, "alertmanager", "silence")
            raise TargetError(
                f"{place}: alerts are not silenced: {self._redact(error.message)}", _UNHEARD
            ) from None
        of_environment = [list(filter(is_of_environment, one)) for one in asked.silence]
        silences = self._silences
        self._watched = WatchedAlerts(
            self._manager, of_environment, lambda silence: silence in silences.ids,
            datetime.now(UTC),
        )  # fmt: skip
        for one in asked.silence:
            words = ", ".join(map(str, one))
            self._notice(f"alerts are silenced at {self._manager.shown}: {words}")

    def begin(self, log: Logbook) -> None:
        """The load begins: see which alerts fire, and which rows burn."""
        if self._manager is None or self._plan is None or self._plan.alertmanager is None:
            return
        self._log = log
        if self._watched is not None:
            self._watched.begin()
        if self._plan.alertmanager.alerts and log.view.benchmarks:
            self._own = OwnAlerts(self._manager, self._notice)

    def tick(self) -> None:
        """Look at the rows, if it is time to; a few times a second while the load lasts."""
        own, log, now_s = self._own, self._log, time.monotonic()
        if own is None or log is None or now_s < self._due_s:
            return
        self._due_s = now_s + _LOOK_S
        view = log.view
        aborted = None if log.abort is None else log.abort.row.name
        try:
            rows = benchmark_rows(view)
            self._burning.look(rows, view.elapsed_s, view.timed.windows(), aborted)
            own.put([self._alert(one, view) for one in self._burning.now.values()])
        except Exception as error:  # noqa: BLE001 - a defect of ours: no reason to end the load
            self._own = None
            self._broken = self._redact(f"{type(error).__name__}: {error}")
            self._notice(f"warning, rows that burn are not alerted any more: {self._broken}")

    def _alert(self, burn: Burn, view: RunView) -> OwnAlert:
        assert self._plan is not None  # else nobody asks
        assert self._plan.alertmanager is not None
        row = burn.row
        labels = {
            **dict(self._plan.alertmanager.labels),
            "alertname": OWN_ALERT,
            "plan": view.plan,
            "target": view.target,
            "benchmark": row.name,
            "severity": "critical" if row.requirement.abort else "warning",
        }
        annotations = {
            "summary": self._redact(missed(row)),
            "description": f"Run {self._run_id}, {burn.since_s:.0f} s into its load.",
            "runbook": RUNBOOK,
        }
        known = {name: KNOWN(self._redact(value)) for name, value in labels.items()}
        return OwnAlert(
            tuple(sorted(known.items())), tuple(annotations.items()),
            datetime.now(UTC) - timedelta(seconds=max(view.elapsed_s - burn.since_s, 0.0)),
        )  # fmt: skip

    async def end(self) -> None:
        """The run and its clean-up are over: alerts are heard again."""
        if self._watched is not None:
            await self._watched.end()
        await asyncio.gather(*(one.end() for one in (self._own, self._silences) if one is not None))

    # --- what came of it --------------------------------------------------------------------

    @property
    def alerts(self) -> Alerts | None:
        """The part of the result; None: the plan has no Alertmanager."""
        if self._manager is None:
            return None
        watched, own, silences = self._watched, self._own, self._silences
        return Alerts(
            silenced=[] if watched is None else list(map(self._redact, watched.silenced)),
            heard=[] if watched is None else list(map(self._redact, watched.heard)),
            silences=[] if silences is None else sorted(silences.ids),
            raised=0 if own is None else own.raised,
        )

    @property
    def told(self) -> list[Told]:
        """What became of alerts of one's own, if there were any."""
        own, manager = self._own, self._manager
        if own is None or manager is None or not own.raised:
            return []
        problem = None if own.problem is None else self._redact(own.problem)
        return [
            Told(name="alertmanager.alerts", to=manager.shown, sent=own.sent, failed=own.failed,
                 problem=problem)
        ]  # fmt: skip

    def findings(self) -> list[Finding]:
        """What is to be known of it; none of it makes the run invalid."""
        found, silences, watched, own = [], self._silences, self._watched, self._own
        if silences is not None and silences.failed and silences.problem is not None:
            found.append(not_renewed(silences.failed, self._redact(silences.problem)))
        if silences is not None and silences.left is not None:
            found.append(still_silenced(self._redact(silences.left), silences.for_s))
        if watched is not None and watched.heard:
            found.append(alerts_heard(list(map(self._redact, watched.heard))))
        if watched is not None and watched.problem is not None:
            found.append(alerts_unchecked(self._redact(watched.problem)))
        if own is not None and own.failed and own.problem is not None:
            found.append(not_told("alertmanager.alerts", own.failed, self._redact(own.problem)))
        if self._broken is not None:
            found.append(not_told("alertmanager.alerts", 1, self._broken))
        return found

    def _notice(self, text: str) -> None:
        self._audience.notice(self._redact(text))


def require_no_production(loaded: LoadedPlan, target: str) -> None:
    """Pass if the silences of a plan are of no production, or the target says that it is that.

    Raises:
        UsageError: they are.
    """
    plan = loaded.plan
    asked = None if plan.monitoring is None else plan.monitoring.alertmanager
    if asked is None or plan.targets[target].environment == "production":
        return
    for one in asked.silence:
        for environment in environments(one):
            if (word := named_production(environment)) is not None:
                place = place_of(loaded, "alertmanager", "silence")
                raise UsageError(
                    f'{place}: "{environment}" looks like production (it says "{word}"), and the'
                    f" target {target} does not say that it is that",
                    'silence the environment that is loaded, or write environment = "production"'
                    f" in [targets.{target}]",
                )


def comment_of(run_id: str, plan: str) -> str:
    """What stands beside a silence, for who wonders where it comes from."""
    return f"wedload run {run_id} of {plan}: load on purpose"


def place_of(loaded: LoadedPlan, *below: str | int) -> str:
    """Where something of `[monitoring]` stands: `plan.toml:12: alertmanager.silence`."""
    positions = loaded.positions
    line = positions.line(("monitoring", *below))
    return f"{positions.file}:{line}: {'.'.join(map(str, below))}"
