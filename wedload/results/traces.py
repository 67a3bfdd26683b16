"""What the target's own spans say of where time went, as a result has it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wedload.results.traces_model import ServerTiming, SpanSlot, TracedSlot, Traces
from wedload.traces.timings import TimingTotal
from wedload.traces.totals import OperationTotal, StepTotal
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from wedload.metrics.catalogue import Catalogue
    from wedload.traces.found import FoundTraces
    from wedload.traces.totals import StepKey

_DIGITS = 6  # after the point: whole ns


class _Place(NamedTuple):
    """A step in a stage and a slot; phases of one stage are one."""

    slot: int
    scenario: str
    workflow: str | None
    step: str | None
    stage: str | None


def traces_of(found: FoundTraces | None, catalogue: Catalogue) -> Traces | None:
    """The section of a result; None: nothing was to be traced."""
    if found is None:
        return None
    slot_s = max(found.totals.slot_s, found.timings.slot_s)
    found.totals.stretch(slot_s)
    found.timings.stretch(slot_s)
    steps, operations = _steps(found, catalogue), _operations(found, catalogue)
    timings = _timings(found, catalogue)
    slots = [*(one.slot for one in steps), *(one.slot for one in timings)]
    account = found.account
    return Traces(
        share=found.share,
        requests=found.requests,
        traces=account.traces,
        spans=account.spans,
        foreign=account.foreign,
        refused=account.refused,
        late=account.late,
        repeated=account.repeated,
        malformed=account.malformed,
        orphans=account.orphans,
        broken=account.broken,
        rootless=account.rootless,
        exports=found.exports,
        turned_away=found.turned_away,
        not_understood=found.not_understood,
        slots_s=[float(slot * slot_s) for slot in range(max(slots, default=-1) + 1)],
        slot_s=float(slot_s),
        operations=operations,
        steps=steps,
        server_timing=timings,
    )


def _place(catalogue: Catalogue, at: StepKey) -> _Place:
    series, phase = catalogue.series[at.series], catalogue.phases[at.phase]
    return _Place(at.slot, series.scenario, series.workflow, series.step, phase.stage)


def _known(catalogue: Catalogue, at: StepKey) -> bool:
    """Whether a mark that came back is of this run's catalogue: others can be made up."""
    return at.series < len(catalogue.series) and at.phase < len(catalogue.phases)


def _steps(found: FoundTraces, catalogue: Catalogue) -> list[TracedSlot]:
    merged: dict[_Place, StepTotal] = {}
    for at, total in found.totals.steps.items():
        if _known(catalogue, at):
            merged.setdefault(_place(catalogue, at), StepTotal()).add(total)
    return [
        TracedSlot(**_fields(place), count=one.count, root_ms=_ms(one.root_ns))
        for place, one in sorted(merged.items(), key=str)
    ]


def _operations(found: FoundTraces, catalogue: Catalogue) -> list[SpanSlot]:
    merged: dict[tuple[_Place, str, str], OperationTotal] = {}
    for key, total in found.totals.operations.items():
        if _known(catalogue, key.at):
            at = _place(catalogue, key.at), key.service, key.operation
            merged.setdefault(at, OperationTotal()).add(total)
    return [
        SpanSlot(
            **_fields(place), service=service, operation=operation, count=one.count,
            self_ms=_ms(one.self_ns), critical_ms=_ms(one.critical_ns),
            max_self_ms=_ms(one.max_self_ns), errors=one.errors,
        )
        for (place, service, operation), one in sorted(merged.items(), key=str)
    ]  # fmt: skip


def _timings(found: FoundTraces, catalogue: Catalogue) -> list[ServerTiming]:
    merged: dict[tuple[_Place, str], TimingTotal] = {}
    for key, total in found.timings.totals.items():
        merged.setdefault((_place(catalogue, key.at), key.name), TimingTotal()).add(total)
    return [
        ServerTiming(**_fields(place), name=name, count=one.count, sum_ms=_ms(one.sum_ns))
        for (place, name), one in sorted(merged.items(), key=str)
    ]


def _fields(place: _Place) -> dict[str, Any]:
    return place._asdict()


def _ms(ns: int) -> float:
    return round(ns / NS_PER_MS, _DIGITS)
