"""A run that never happened with third parties, faults and a proxy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tests.helpers.broken_result import KINDS, PROXY
from wedload.metrics.catalogue import Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.report.view import RunView
from wedload.results.faults_model import PlannedFault
from wedload.results.recording import header
from wedload.units import NS_PER_MS
from wedload.verdict.collected import Collected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.results.recording import Recording
    from wedload.results.run import Run

OUTAGE: Final = PlannedFault(
    name="calendar outage", on=["calendar"], what="down", begin_s=1.0, end_s=2.0
)
REPORTS: Final[dict[str, dict[str, Any]]] = {
    name: {"url": f"http://127.0.0.1:4200/{name}", "forgotten": 0} for name in KINDS
}


@dataclass
class BrokenRun:
    """The run, and what those who watched it saw in the end."""

    run: Run
    view: RunView


def broken_run(
    made: Any,
    *,
    kinds: Mapping[str, str] = KINDS,
    faults: Sequence[PlannedFault] = (OUTAGE,),
    seconds: int = 3,
    per_second: int = 100,
    reports: Mapping[str, Mapping[str, Any]] | None = REPORTS,
    record: Recording | None = None,
) -> BrokenRun:
    """Of what the fixture `make` made: its load, and so many seconds of third parties.

    In each second of a fault each request to the first third party fails; two of three are retries.
    """
    catalogue = made.workload.catalogue
    numbers = [catalogue.add_series(Series("", dependency=name)) for name in kinds]
    free = catalogue.add_phase(Phase("", others=(("fault", "none"),)))
    hurt = catalogue.add_phase(Phase("", others=tuple(("fault", one.name) for one in faults)))
    collected = Collected.of(catalogue, {}, workers=2, schedule_s=5430.0, arrivals=False)
    info = replace(
        made.run.info, faults=tuple(faults), dependencies=dict(kinds),
        proxies={PROXY["name"]: PROXY["upstream"]},
    )  # fmt: skip
    if record is not None:
        record.begin(header(info, made.run.stages, catalogue, {}))
    for second in range(seconds):
        broken = any(one.begin_s <= second < one.end_s for one in faults)
        health = Health(0.34, 52_000_000, Histogram.of([400_000] * 99))
        load = Snapshot(0, second, vus={"main": 5}, health=health)
        phase = hurt if broken else free
        played = _second(second, numbers, phase, per_second, broken=broken)
        for snapshot in (load, played):
            collected.add(snapshot)
            if record is not None:
                record.add(snapshot)
    if record is not None:
        record.end("failed")
    view = RunView(
        "small", "local", made.workload, collected, float(seconds), dependencies=tuple(kinds),
        faults=tuple(faults),
    )  # fmt: skip
    health, verdict = collected.judged((), load_s=float(seconds))
    run = replace(
        made.run, info=info, load_s=float(seconds), summary=collected.summary,
        timeline=collected.timeline, health=health, verdict=verdict,
        dependencies=reports, proxies=None if reports is None else {"db": PROXY},
    )  # fmt: skip
    return BrokenRun(run, view)


def _second(
    second: int, numbers: Sequence[int], phase: int, per_second: int, *, broken: bool
) -> Snapshot:
    """What the process of third parties tells of a second."""
    trends, counts = {}, {}
    took = Histogram.of([100 * NS_PER_MS + place * NS_PER_MS for place in range(per_second)])
    for place, number in enumerate(numbers):
        down = broken and place == 0
        operations = per_second // 3 if down else per_second
        outcome = "down" if down else "ok"
        trends[CellKey(number, "dependency_duration", phase, outcome)] = took
        counts[CellKey(number, "dependency_requests", phase, outcome)] = per_second
        counts[CellKey(number, "dependency_operations", phase, "failed" if down else "ok")] = (
            operations
        )
        attempts = Histogram.of([3 if down else 1] * operations)
        trends[CellKey(number, "operation_attempts", phase, "")] = attempts
        if down:
            counts[CellKey(number, "quota_breaches", phase, "")] = 4
            counts[CellKey(number, "dependency_duplicates", phase, "")] = 1
    return Snapshot(1, second, trends, counts)
