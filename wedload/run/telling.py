"""Who is told of a run in words: annotations of its stages and faults, and its verdict.

Whatever fails ends nothing: it is said at once, and in the result.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wedload.export.grafana import Annotations, Region
from wedload.export.notification import notification
from wedload.export.port import ExportError
from wedload.results.monitoring_model import Told
from wedload.results.run import stage_spans
from wedload.safety.redactor import KNOWN
from wedload.units import counted, format_clock
from wedload.verdict.monitoring_findings import not_told
from wedload.verdict.wording import met_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from wedload.export.endpoint import Endpoint
    from wedload.plan.loader import LoadedPlan
    from wedload.report.view import RunView
    from wedload.results.run import Run
    from wedload.run.audience import Audience
    from wedload.run.endpoints import Endpoints
    from wedload.run.logbook import Logbook
    from wedload.safety.redactor import Redactor
    from wedload.verdict.model import Finding
    from wedload.workload.compile_plan import Settings

_ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.5
_JSON: Final = {"Content-Type": "application/json"}


class Telling:
    """That of a run, if its plan says so; without, nothing of this does anything."""

    def __init__(
        self,
        loaded: LoadedPlan,
        audience: Audience,
        redact: Redactor,
        result: Callable[[str], Path] | None,
    ) -> None:
        """`result`: where that of a run will be, by its id."""
        self._plan = loaded.plan.monitoring
        self._name = loaded.plan.name
        self._audience = audience
        self._redact = redact
        self._result = result
        self._settings: Settings | None = None
        self._grafana: Endpoint | None = None
        self._annotations: Annotations | None = None  # from the begin of the load on
        self._webhooks: list[Endpoint] = []
        self._view: RunView | None = None
        self._settling: asyncio.Task[None] | None = None
        self._told: list[Told] = []  # of the verdict

    async def find(self, endpoints: Endpoints, settings: Settings) -> None:
        """Find out who is told, and where.

        Raises:
            UsageError: wedload must not go there.
        """
        self._settings = settings
        if self._plan is None:
            return
        if (asked := self._plan.grafana) is not None:
            token = endpoints.text(("grafana", "token"), asked.token)
            self._grafana = await endpoints.endpoint(
                ("grafana", "url"),
                asked.url,
                own={"Authorization": f"Bearer {token}"} if token else {},
            )
        for index, one in enumerate(self._plan.notify):
            path = ("notify", index, "url")
            self._webhooks.append(await endpoints.endpoint(path, one.url, one.headers))

    def begin(self, log: Logbook) -> None:
        """The load begins."""
        self._view = log.view
        if self._grafana is None or self._plan is None or self._plan.grafana is None:
            return
        regions = list(self._regions(log.view))
        dashboard = self._plan.grafana.dashboard
        self._annotations = Annotations(self._grafana, dashboard, regions, self._notice)
        self._annotations.begin(time.time())

    def tick(self) -> None:
        """Tell what has begun and ended; a few times a second while the load lasts."""
        if self._annotations is not None and self._view is not None:
            self._annotations.tick(self._view.elapsed_s)

    async def settle(self) -> None:
        """The load is over."""
        if self._annotations is not None and self._view is not None:
            self._settling = asyncio.ensure_future(self._annotations.end(self._view.elapsed_s))
            await asyncio.gather(self._settling, return_exceptions=True)

    def hurry(self) -> None:
        """Somebody wants to stop: what is not told by now is not waited for."""
        if self._settling is not None:
            self._settling.cancel()

    async def conclude(self, run: Run) -> Run:
        """The verdict is known: tell it; the run with what is to be known of that."""
        found: list[Finding] = []
        for index, endpoint in enumerate(self._webhooks):
            assert self._plan is not None  # where they come from
            passed = run.verdict.outcome == "pass" and not run.interrupted
            if self._plan.notify[index].on == "not-passed" and passed:
                continue
            problem = await self._notify(endpoint, self._words(run))
            name = f"notify[{index}]"
            self._told.append(
                Told(name=name, to=endpoint.shown, sent=problem is None, failed=problem is not None,
                     problem=problem)
            )  # fmt: skip
            if problem is not None:
                self._notice(f"warning, {name}: {problem}")
                found.append(not_told(name, 1, problem))
        if not found:
            return run
        verdict = replace(run.verdict, findings=(*run.verdict.findings, *found))
        return replace(run, verdict=verdict)

    async def close(self) -> None:
        """There is nothing more to tell."""
        if self._annotations is not None:
            self._annotations.cancel()
        for endpoint in (self._grafana, *self._webhooks):
            if endpoint is not None:
                await endpoint.close()

    @property
    def told(self) -> list[Told]:
        """What became of it all."""
        found, endpoint = self._annotations, self._grafana
        if found is None or endpoint is None:
            return self._told
        problem = None if found.problem is None else self._redact(found.problem)
        annotations = Told(
            name="grafana", to=endpoint.shown, sent=found.sent, failed=found.failed, problem=problem
        )
        return [annotations, *self._told]

    def findings(self) -> list[Finding]:
        """What is to be known of annotations; of the verdict's messages `conclude` says."""
        found = self._annotations
        if found is None or not found.failed or found.problem is None:
            return []
        return [not_told("grafana", found.failed, self._redact(found.problem))]

    async def _notify(self, endpoint: Endpoint, body: bytes) -> str | None:
        """Why it was not taken; None: it was."""
        problem = None
        for attempt in range(_ATTEMPTS):
            try:
                await endpoint.send("POST", body=body, headers=_JSON)
            except ExportError as error:
                problem = self._redact(error.message)
                if error.lasting:
                    break
                await asyncio.sleep(_PAUSE_S * (attempt + 1))
            else:
                return None
        return problem

    def _words(self, run: Run) -> bytes:
        def clean(text: str) -> str:
            return KNOWN(self._redact(text))

        outcome = "INTERRUPTED" if run.interrupted else run.verdict.outcome.upper()
        head = f"{outcome} – {run.info.plan} → {run.info.target} (run {run.info.run_id})"
        met = met_of(row.status for row in run.verdict.rows)
        figures = (
            f"{met}; {format_clock(run.load_s)} of load,"
            f" {counted(run.summary.count('iterations'), 'iteration')}"
        )
        where = None if self._result is None else str(self._result(run.info.run_id).resolve())
        reasons = list(map(clean, run.verdict.reasons))
        return notification(clean(head), figures, reasons, where)

    def _regions(self, view: RunView) -> Iterator[Region]:
        assert self._plan is not None  # else nobody asks
        assert self._plan.grafana is not None
        run_id = "" if self._settings is None else self._settings.run_id
        common = ("wedload", self._name, *self._plan.grafana.tags)
        of = f"{self._name} → {view.target}, run {run_id}"
        for one in stage_spans(view.workload):
            stage = one.stage or one.scenario
            text = f"{of}: stage {stage} of {one.scenario}" if one.stage else f"{of}: {stage}"
            yield self._region(text, (*common, "stage", stage), one.begin_s, one.end_s)
        for fault in view.faults:
            text = f"{of}: fault {fault.name} on {', '.join(fault.on)}: {fault.what}"
            yield self._region(text, (*common, "fault", fault.name), fault.begin_s, fault.end_s)

    def _region(self, text: str, tags: tuple[str, ...], begin_s: float, end_s: float) -> Region:
        known = tuple(dict.fromkeys(KNOWN(self._redact(one)) for one in tags))
        return Region(KNOWN(self._redact(text)), known, begin_s, end_s)

    def _notice(self, text: str) -> None:
        self._audience.notice(self._redact(text))
