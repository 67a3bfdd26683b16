"""Judging: what was seen against what was demanded. Pure.

A row without data, or with too few samples for its percentile, is never met. A run in which every
request failed is a fail: its rates and counts have data.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Final

from wedload.plan.metric import METRICS
from wedload.statistics.bounds import rate_bound, samples_for_quantile
from wedload.units import NS_PER_MS, format_ms
from wedload.verdict.model import Row, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wedload.metrics.summary import Summary
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.model import Finding, Outcome, RowStatus

_HOLDS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}


def judge(
    summary: Summary,
    benchmarks: Mapping[str, Requirement],
    findings: Sequence[Finding] = (),
    *,
    load_s: float,
) -> Verdict:
    """Judge a run; `load_s` is how long the load lasted, for rates per second."""
    rows = tuple(
        judge_row(summary, name, requirement, load_s=load_s)
        for name, requirement in benchmarks.items()
    )
    invalid = [finding.message for finding in findings if finding.invalidates]
    unfounded = [row.reason for row in rows if row.status in {"no-data", "insufficient"}]
    missed = [row.reason for row in rows if row.status == "missed"]
    requests = summary.outcomes("http_reqs")
    nothing_worked = requests.total() > 0 and not requests["ok"]
    outcome: Outcome = "pass"
    if nothing_worked and not invalid:
        outcome = "fail"
    elif invalid or unfounded:
        outcome = "invalid"
    elif missed:
        outcome = "fail"
    reasons = [*invalid, *unfounded, *missed]
    if nothing_worked:
        reasons.insert(0, "Every request failed; see the failures for why.")
    return Verdict(outcome, rows, tuple(findings), tuple(filter(None, reasons)))


def judge_row(summary: Summary, name: str, requirement: Requirement, *, load_s: float) -> Row:
    """Judge one benchmark."""
    observed, samples, needed, bound = _observe(summary, requirement, load_s)
    margin = None if observed is None else _margin(requirement, observed)
    status: RowStatus
    if observed is None:
        status = "no-data"
    elif samples < needed:
        status = "insufficient"
    else:
        met = _HOLDS[requirement.operator](observed, requirement.threshold)
        status = "met" if met else "missed"
    row = Row(name, requirement, status, observed, samples, needed, margin, bound)
    return row if status == "met" else _with_reason(row)


def _observe(
    summary: Summary, requirement: Requirement, load_s: float
) -> tuple[float | None, int, int, float | None]:
    """Observed value, samples, samples needed, and the bound of a rate."""
    metric, where, aggregation = requirement.metric, requirement.where, requirement.aggregation
    match METRICS[metric].kind:
        case "trend":
            histogram = summary.trend(metric, where)
            if aggregation == "count":
                return float(histogram.count), histogram.count, 0, None
            if histogram.count == 0:
                return None, 0, 1, None
            q = requirement.quantile
            if q is not None:
                value, needed = histogram.quantile_ns(q), samples_for_quantile(q)
            else:
                value = {
                    "min": histogram.min_ns, "max": histogram.max_ns, "avg": histogram.mean_ns,
                }[aggregation]  # fmt: skip
                needed = 1
            return value / NS_PER_MS, histogram.count, needed, None
        case "rate":
            rate = summary.rate(metric, where)
            if rate.total == 0:
                return None, 0, 1, None
            if aggregation == "count":
                return float(rate.yes), rate.total, 0, None
            upper = requirement.operator in {"<", "<="}
            return rate.ratio, rate.total, 1, rate_bound(rate.yes, rate.total, upper=upper)
        case _:
            count = summary.count(metric, where)
            if aggregation == "count":
                return float(count), count, 0, None
            # that nothing was counted is a figure too: no iteration was interrupted
            span_s = min(summary.span_s(where) or load_s, load_s)
            return count / span_s if span_s > 0 else None, count, 0, None


def _margin(requirement: Requirement, observed: float) -> float | None:
    """How far on the good side of the threshold, as a share of it."""
    threshold = requirement.threshold
    if requirement.operator == "==" or threshold == 0:
        return None
    distance = (threshold - observed) / abs(threshold)
    return distance if requirement.operator in {"<", "<="} else -distance


def _with_reason(row: Row) -> Row:
    requirement = row.requirement
    match row.status:
        case "no-data":
            reason = (
                f"{row.name}: no sample of {requirement.metric}{_where(requirement)}; "
                "the load must reach it, or the row must go."
            )
        case "insufficient":
            reason = (
                f"{row.name}: {row.samples:,} samples are too few for {requirement.aggregation}, "
                f"which needs {row.needed:,}; run longer or with more load."
            )
        case _:
            assert row.observed is not None
            by = _by(row)
            reason = (
                f"{row.name}: {requirement.metric}{_where(requirement)} {requirement.aggregation} "
                f"is {show(row.observed, requirement.unit)}, required "
                f"{requirement.operator} {show(requirement.threshold, requirement.unit)}{by} "
                f"({row.samples:,} samples)."
            )
    return Row(
        row.name, requirement, row.status, row.observed, row.samples, row.needed, row.margin,
        row.bound, reason,
    )  # fmt: skip


def _by(row: Row) -> str:
    """`, missed by …`; nothing where a distance would say nothing."""
    assert row.observed is not None
    if row.requirement.unit == "ratio":
        points = abs(row.observed - row.requirement.threshold) * 100
        return f", missed by {points:.3g} percentage points"
    if row.margin is None:
        return ""
    percent = abs(row.margin) * 100
    return f", missed by {percent:.3g} %" if percent < 1000 else f", missed by {percent:,.0f} %"


def _where(requirement: Requirement) -> str:
    if not requirement.where:
        return ""
    return "{" + ", ".join(f"{key}={value!r}" for key, value in requirement.where) + "}"


def show(value: float, unit: str) -> str:
    """A value with its unit, short."""
    if math.isnan(value):
        return "–"
    match unit:
        case "ms":
            return format_ms(value)
        case "ratio":
            return f"{value * 100:.3f}".rstrip("0").rstrip(".") + " %"
        case "per_s":
            return f"{value:,.1f}/s"
        case _:
            return f"{value:,.0f}"
