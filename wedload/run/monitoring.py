"""The monitoring of a run: who gets its figures while its load lasts, and what became of that.

Nothing here is ever waited for but for a few seconds after the load, and whatever fails ends
nothing: it is said at once, and in the result.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from wedload.about import __version__
from wedload.export.account import Account
from wedload.export.picture import Span, Standing, picture, verdict_picture
from wedload.export.pump import Pump
from wedload.report.figures import benchmark_rows
from wedload.results.monitoring_model import Export, MonitoringFacts
from wedload.results.run import stage_spans
from wedload.run.alerting import Alerting
from wedload.run.endpoints import Endpoints
from wedload.run.exporters import Exporters
from wedload.run.telling import Telling
from wedload.units import NS_PER_S
from wedload.verdict.monitoring_findings import no_picture, not_sent, series_left_out

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AsyncExitStack
    from pathlib import Path

    from wedload.export.model import Picture
    from wedload.export.port import Delivery, Exporter
    from wedload.plan.loader import LoadedPlan
    from wedload.report.view import RunView
    from wedload.results.run import Run
    from wedload.run.audience import Audience
    from wedload.run.logbook import Logbook
    from wedload.safety.redactor import Redactor
    from wedload.safety.target_guard import TargetGuard
    from wedload.verdict.model import Finding, Row
    from wedload.workload.compile_plan import Settings


class Monitoring:
    """That of a run, if its plan says so; without, nothing of this does anything."""

    def __init__(
        self,
        loaded: LoadedPlan,
        audience: Audience,
        redact: Redactor,
        result: Callable[[str], Path] | None = None,
    ) -> None:
        """`result`: where that of a run will be, by its id."""
        self._loaded = loaded
        self._plan = loaded.plan.monitoring
        self._audience = audience
        self._redact = redact
        self._common: dict[str, str] = {}
        self.alerting = Alerting(loaded, audience, redact)
        self._telling = Telling(loaded, audience, redact, result)
        self._pumps: list[Pump] = []  # of those that are told while the load lasts
        self._verdict_pumps: list[Pump] = []
        self._open: list[Pump] = []
        self._account: Account | None = None  # from the begin of the load on
        self._view: RunView | None = None
        self._spans: tuple[Sequence[Span], Sequence[Span]] = ((), ())  # stages, faults
        self._began_s = 0.0
        self._due_s = 0.0  # by the loop's clock, of the next picture
        #: why no more pictures are taken, if that is so
        self.broken: str | None = None

    @property
    def deliveries(self) -> list[Delivery]:
        """What became of what each was to get."""
        return [one.delivery for one in (*self._pumps, *self._verdict_pumps)]

    async def find(self, guard: TargetGuard, settings: Settings, _sandbox: int | None) -> None:
        """Find out who is told, and where.

        Raises:
            UsageError: wedload must not go there, or what it takes is not installed.
        """
        if self._plan is None:
            return
        own = {"plan": self._loaded.plan.name, "target": settings.target, "run": settings.run_id}
        self._common = {**dict(self._plan.labels), **own}
        endpoints = Endpoints(self._loaded, settings, guard)
        made = Exporters(self._plan, self._loaded, endpoints, self._common)
        await self.alerting.find(endpoints, settings)
        await self._telling.find(endpoints, settings)
        self._pumps = [self._pump(one) for one in await made.of_load()]
        self._verdict_pumps = [self._pump(one) for one in await made.of_verdict()]

    async def open(self, stack: AsyncExitStack) -> None:
        """Get all of them ready, before the load; who cannot be is left alone. `stack` ends it."""
        stack.push_async_callback(self._telling.close)
        for pump in (*self._pumps, *self._verdict_pumps):
            stack.push_async_callback(pump.close)
        ready = await asyncio.gather(*(one.open() for one in self._pumps))
        self._open = [one for one, is_ready in zip(self._pumps, ready, strict=True) if is_ready]
        for pump in self._open:
            self._audience.notice(f"figures of the run: {pump.delivery.to}")

    def begin(self, log: Logbook) -> None:
        """The load begins."""
        self.alerting.begin(log)
        self._telling.begin(log)
        if not self._open:
            return
        self._view = log.view
        workload = log.view.workload
        self._account = Account(workload.catalogue, self._common)
        log.sinks.append(self._account)
        stages = stage_spans(workload)
        self._spans = (
            [
                Span((("scenario", one.scenario), ("stage", one.stage)), one.begin_s, one.end_s)
                for one in stages
                if one.stage
            ],
            [Span((("fault", one.name),), one.begin_s, one.end_s) for one in log.view.faults],
        )
        self._began_s = time.time()
        self._due_s = asyncio.get_running_loop().time()
        for pump in self._open:
            pump.begin()

    def tick(self) -> None:
        """Take a picture, if it is time to; a few times a second while the load lasts."""
        self.alerting.tick()
        self._telling.tick()
        now_s = asyncio.get_running_loop().time()
        if self._plan is None or self._account is None or now_s < self._due_s:
            return
        every_s = self._plan.every / NS_PER_S
        self._due_s += every_s * (1 + (now_s - self._due_s) // every_s)
        taken = self._taken(is_last=False)
        if taken is not None:
            for pump in self._open:
                pump.offer(taken)

    async def settle(self) -> None:
        """The load is over, and all that it has caused is known: a last picture for each."""
        self.alerting.tick()
        last = None if self._account is None else self._taken(is_last=True)
        finished = [] if last is None else [one.finish(last) for one in self._open]
        await asyncio.gather(self._telling.settle(), *finished)

    def hurry(self) -> None:
        """Somebody wants to stop: the last picture is waited for no longer."""
        self._telling.hurry()
        for pump in self._pumps:
            pump.hurry()

    async def conclude(self, run: Run) -> Run:
        """The verdict is known: tell those who wait for it; the run with what became of it all."""
        if self._plan is None:
            return run
        if self._verdict_pumps:
            began_s = self._began_s or run.info.started_at.timestamp()
            now = self._standing(run.verdict.rows, began_s, run.load_s, is_last=True)
            found = verdict_picture(self._common, now, run.verdict.outcome)
            await asyncio.gather(*(_tell(one, found) for one in self._verdict_pumps))
        run = await self._telling.conclude(run)
        facts = monitoring_of(self.deliveries)
        told = [*self.alerting.told, *self._telling.told]
        alerts = self.alerting.alerts
        return replace(run, monitoring=facts.model_copy(update={"told": told, "alerts": alerts}))

    def findings(self) -> list[Finding]:
        """What is to be known of it; none of it makes the run invalid."""
        found = [
            not_sent(one.name, one.sent, one.failed, one.problem)
            for one in self.deliveries
            if one.problem is not None and (one.failed or not one.sent)
        ]
        if self.broken is not None:
            found.append(no_picture(self.broken))
        if self._account is not None and self._account.left_out:
            found.append(series_left_out(self._account.left_out))
        return [*found, *self.alerting.findings(), *self._telling.findings()]

    def _pump(self, exporter: Exporter) -> Pump:
        return Pump(exporter, self._audience.notice, self._redact)

    def _taken(self, *, is_last: bool) -> Picture | None:
        """A picture of now; None, and never again, if it cannot be taken."""
        account, view = self._account, self._view
        if account is None or view is None or self.broken is not None:
            return None
        try:
            rows = benchmark_rows(view)
            now = self._standing(rows, self._began_s, view.elapsed_s, is_last=is_last)
            return picture(account, now)
        except Exception as error:  # noqa: BLE001 - a defect of ours: no reason to end the load
            self.broken = self._redact(f"{type(error).__name__}: {error}")
            self._audience.notice(f"warning, no figures are sent any more: {self.broken}")
            return None

    def _standing(
        self, rows: Sequence[Row], began_s: float, elapsed_s: float, *, is_last: bool
    ) -> Standing:
        stages, faults = self._spans
        return Standing(
            time.time(), began_s, elapsed_s, __version__, rows, stages, faults, is_last
        )  # fmt: skip


async def _tell(pump: Pump, found: Picture) -> None:
    if await pump.open():
        pump.begin()
        await pump.finish(found)


def monitoring_of(deliveries: Sequence[Delivery]) -> MonitoringFacts:
    """The section of a result."""
    exports = [
        Export(
            name=one.name, to=one.to, sent=one.sent, failed=one.failed, skipped=one.skipped,
            problem=one.problem,
        )
        for one in deliveries
    ]  # fmt: skip
    return MonitoringFacts(exports=exports)
