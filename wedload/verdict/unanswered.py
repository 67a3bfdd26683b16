"""Requests that were cut off at the end, unanswered: what they could mean for the rows. Pure.

What would have become of them nobody knows, but that a request has waited so long is known. So a
row is not taken for met that it would not be

- with their waits so far among the durations: the true ones are no shorter; or
- if those had failed that had waited much longer than any request which was answered. One that is
  cut off after an ordinary time, as at the end of a ramp-down, says nothing against the target.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from wedload.metrics.all_steps import all_outcomes
from wedload.metrics.histogram import Histogram
from wedload.metrics.outcome import ANSWERED
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.plan.metric_table import STEP_METRICS
from wedload.units import NS_PER_MS
from wedload.verdict import findings as finding
from wedload.verdict.row import row_of, samples_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from wedload.metrics.catalogue import Catalogue, Series
    from wedload.metrics.summary import Summary
    from wedload.plan.benchmark import Requirement
    from wedload.plan.metric import StepMetrics
    from wedload.verdict.model import Finding

#: longer than so many times the longest wait of those that were answered, …
_MUCH_LONGER: Final = 2
#: … and than what a busy machine can make of any wait
_LEAST_NS: Final = 100 * NS_PER_MS
#: what a request's wait is a lower bound of, and what it may have failed: beside those of its verb
_DURATION: Final = "response_time"
_RATES: Final = ("workflow_failed", "checks")


def unanswered_findings(
    summary: Summary, benchmarks: Mapping[str, Requirement], *, aborted: bool
) -> Iterable[Finding]:
    """What the requests that were cut off mean, if they mean anything.

    An `aborted` run fails anyway: they do not make it invalid.
    """
    waits = Histogram.merge(summary.trend(one.interrupted) for one in _measured())
    if not waits.count:
        if not all_outcomes(summary):
            yield finding.nothing_sent()
        return
    if not all_outcomes(summary):
        yield finding.none_answered(waits.count, waits.max_ns)
        return
    overdue = _overdue(summary)
    supposed = summary.with_more(_supposed(summary, overdue))
    turned = [
        name
        for name, requirement in benchmarks.items()
        if _is_met(summary, requirement) and not _is_met(supposed, requirement)
    ]
    number = sum(overdue.values())
    if turned:
        yield finding.unanswered(
            number or waits.count, waits.max_ns, turned, invalidates=not aborted
        )
    elif number:
        yield finding.unanswered(number, waits.max_ns, (), invalidates=False)


def _measured() -> Iterator[StepMetrics]:
    """The verbs that keep the waits of what was cut off."""
    return (one for one in dict.fromkeys(STEP_METRICS.values()) if one.interrupted)


def _is_met(summary: Summary, requirement: Requirement) -> bool:
    """Whether a row holds over the whole run; what such requests say nothing of always does."""
    metric, aggregation = requirement.metric, requirement.aggregation
    durations = {_DURATION, *(one.duration for one in _measured())}
    of_durations = metric in durations and requirement.upper and aggregation != "count"
    if not (of_durations or metric in {*_RATES, *(one.failed for one in _measured())}):
        return True
    seen = samples_of(summary, requirement)
    return row_of("", requirement, seen, span_s=1, bounded=False).status == "met"


def _overdue(summary: Summary) -> Counter[tuple[int, int]]:
    """Requests that had waited much longer than any that was answered, by series and phase.

    Of a step that no request of was answered, longer than any of another step.
    """
    longest: dict[int, int] = {}
    for one in _measured():
        for key, durations in summary.cells(one.duration):
            if key.outcome in ANSWERED:
                longest[key.series] = max(durations.max_ns, longest.get(key.series, 0))
    of_any = max(longest.values(), default=0)
    found: Counter[tuple[int, int]] = Counter()
    for one in _measured():
        for key, waits in summary.cells(one.interrupted):
            limit_ns = max(longest.get(key.series, of_any) * _MUCH_LONGER, _LEAST_NS)
            if number := waits.above(limit_ns):
                found[key.series, key.phase] += number
    return found


def _supposed(summary: Summary, overdue: Counter[tuple[int, int]]) -> Snapshot:
    """What is known at least of all that were cut off, and what else those that are overdue do."""
    trends = {
        CellKey(key.series, metric, key.phase, "interrupted"): waits
        for one in _measured()
        for key, waits in summary.cells(one.interrupted)
        for metric in (one.duration, _DURATION)
    }
    counts: Counter[CellKey] = Counter()
    begun: Counter[int] = Counter()  # workflows that were interrupted and can have failed
    for key, number in summary.counted("interrupted_iterations"):
        begun[key.series] += number
    for (series, phase), number in overdue.items():
        step = summary.catalogue.series[series]
        counted = STEP_METRICS[step.verb or "http"].count
        counts[CellKey(series, counted, phase, "interrupted")] += number
        for check in _checks_of(step, summary.catalogue):
            counts[CellKey(check, "checks", phase, "fail")] += number
        flow = _workflow_of(step, summary.catalogue)
        failed = min(number, begun[flow])  # several can be of one workflow, in a batch
        begun[flow] -= failed
        counts[CellKey(flow, "iterations", phase, "failed")] += failed
    return Snapshot(0, 0, trends, counts)


def _checks_of(step: Series, catalogue: Catalogue) -> Iterator[int]:
    for number, one in enumerate(catalogue.series):
        if one.check is not None and _place(one) == _place(step):
            yield number


def _place(one: Series) -> tuple[object, ...]:
    return one.scenario, one.workflow, one.step, one.used, one.group


def _workflow_of(step: Series, catalogue: Catalogue) -> int:
    """The series of the iterations that a step is run by; -1 if there is none."""
    for number, one in enumerate(catalogue.series):
        if (one.scenario, one.workflow, one.step, one.group) == (
            step.scenario, step.workflow, None, None,
        ):  # fmt: skip
            return number
    return -1
