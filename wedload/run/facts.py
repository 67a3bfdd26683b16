"""What is known of a run when it begins, and when it is over."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wedload.about import __version__
from wedload.capacity.verdict import verdict_of_search
from wedload.plan.deadlines import deadlines_ns
from wedload.plan.resources import MACHINE
from wedload.results.accepted_model import AcceptedData
from wedload.results.planned_faults import planned_faults
from wedload.results.run import Run, RunInfo, host_facts, stage_spans
from wedload.safety.redactor import KNOWN
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.verdict import findings as finding
from wedload.verdict.channel_findings import heard_findings, silent_findings
from wedload.verdict.dependency_findings import asked_findings
from wedload.verdict.gateway_findings import gateway_findings
from wedload.verdict.trace_findings import trace_findings

if TYPE_CHECKING:
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.plan.loader import LoadedPlan
    from wedload.run.audience import Audience
    from wedload.run.beside import Beside
    from wedload.run.capacity import CapacitySearch
    from wedload.run.logbook import Logbook
    from wedload.run.options import RunOptions
    from wedload.run.stopping import Stopping
    from wedload.workload.compile_plan import Settings, Workload


def new_run_id() -> str:
    """An id for a run that begins now: when, and something that no other has."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def run_info(
    loaded: LoadedPlan, options: RunOptions, settings: Settings, workload: Workload, workers: int
) -> RunInfo:
    """A run that begins now."""
    return RunInfo(
        run_id=settings.run_id,
        plan=loaded.plan.name,
        plan_file=loaded.file,
        plan_hash=loaded.digest,
        load_hash=loaded.load_digest,
        target=settings.target,
        base_url=settings.base_url,
        started_at=datetime.now(UTC),
        planned_s=0.0 if options.once else workload.end_ns / NS_PER_S,
        time_scale=options.time_scale,
        seed=settings.seed,
        version=__version__,
        workers=workers,
        host=host_facts(),
        tags={KNOWN(key): KNOWN(value) for key, value in options.tags.items()},
        channels={name: one.kind for name, one in loaded.plan.channels.items()},
        within_ms={name: ns / NS_PER_MS for name, ns in deadlines_ns(loaded.plan).items()},
        faults=planned_faults(loaded.plan, options.time_scale),
        dependencies={name: one.simulate for name, one in loaded.plan.dependencies.items()},
        proxies={name: one.upstream for name, one in loaded.plan.proxies.items()},
        max_rate_per_s=settings.max_rate_per_s,
        routes={
            name: {"direct": one.direct or settings.base_url, "via": one.via}
            for name, one in loaded.plan.routes.items()
        },
        accepted_data=tuple(
            AcceptedData(what=one.what, kind=one.kind, count=one.count, reason=one.reason)
            for one in loaded.data.accepted
        ),
        resources={
            MACHINE: MACHINE,
            **{name: KNOWN(str(one)) for name, one in loaded.plan.resources.queries},
        },
    )


def finished_run(
    info: RunInfo,
    log: Logbook,
    stopping: Stopping,
    audience: Audience,
    *,
    cleanup: CleanupCount | None,
    beside: Beside,
    search: CapacitySearch | None = None,
) -> Run:
    """A run that is over, judged.

    `beside` says what channels and third parties report, `search` what it has found.
    """
    view, channels, parties = log.view, beside.channels.reports, beside.parties
    if audience.failure is not None:
        log.findings.append(finding.unwatched(audience.failure))
    log.findings += [
        *heard_findings(channels or {}),
        *silent_findings(view.summary, channels or {}),
        *asked_findings(view.summary, parties.dependencies or {}),
        *gateway_findings(beside.gateways.envoys),
        *trace_findings(beside.tracing.found),
        *beside.monitoring.findings(),
    ]
    capacity = None if search is None else search.finish()
    health, verdict = log.judged()
    if capacity is not None:
        verdict = verdict_of_search(verdict, capacity)
    return Run(
        info=info,
        load_s=view.elapsed_s,
        interrupted=stopping.cut,
        aborted_s=None if log.abort is None else log.abort.after_s,
        stages=stage_spans(view.workload) if search is None else search.spans(),
        summary=view.summary,
        timeline=view.timeline,
        health=health,
        cleanup=cleanup,
        channels=channels,
        dependencies=parties.dependencies,
        proxies=parties.proxies,
        traces=beside.tracing.found,
        explained=tuple(log.explained),
        levels=view.collected.levels.levels,
        resources=beside.resources.reports,
        verdict=verdict,
        pairs=view.collected.pairs,
        envoys=beside.gateways.envoys,
        capacity=capacity,
    )
