"""Rows in words: the sentence for a row that is not met. Pure."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor
from typing import TYPE_CHECKING, Final

from wedload.metrics.all_steps import all_failed
from wedload.plan.dependency_metrics import DEPENDENCY
from wedload.units import (
    NS_PER_S,
    counted,
    format_clock,
    format_duration_ns,
    format_ratio,
    format_value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.metrics.summary import Summary
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.model import Row, RowStatus

_MOSTLY: Final = 0.5  # of the requests failed: then this is why there is no data
_OF_THIRD_PARTIES: Final = frozenset(one.name for one in DEPENDENCY)
#: metrics of what is completed -> what was not, then
_COMPLETED: Final = {"workflow_duration": "workflow", "group_duration": "group"}


def met_of(statuses: Iterable[RowStatus]) -> str:
    """`8 of 9 benchmarks met`."""
    found = list(statuses)
    if not found:
        return "no benchmarks"
    return f"{found.count('met'):,} of {counted(len(found), 'benchmark')} met"


def with_reason(row: Row, summary: Summary, *, load_s: float, aborted: bool = False) -> Row:
    """A row with the sentence that says why it is not met; `summary` is of the whole run."""
    if row.reason is not None or row.status == "met":
        return row
    match row.status:
        case "missed":
            return replace(row, reason=missed(row))
        case "no-data":
            reason = _no_data(row, summary, load_s, aborted=aborted)
        case "insufficient":
            reason = _insufficient(row, summary, load_s, aborted=aborted)
    return replace(row, reason=f"{row.name}: {reason}")


def missed(row: Row) -> str:
    """The sentence for a row that is missed."""
    if row.reason is not None:
        return row.reason
    assert row.observed is not None
    requirement = row.requirement
    observed = format_value(row.observed, requirement.unit, beside=requirement.threshold)
    # what the user wrote is not written anew: it could come out rounded
    demand = requirement.words.removeprefix(requirement.aggregation).strip()
    # there is but one figure of a value
    figure = "" if requirement.kind == "value" else f" {requirement.aggregation}"
    return (
        f"{row.name}: {requirement.metric}{_where(requirement)}{figure}"
        f"{_when(row)} is {observed}, required {demand}{_by(row)} "
        f"({counted(row.samples, 'sample')})."
    )


def _no_data(row: Row, summary: Summary, load_s: float, *, aborted: bool) -> str:
    requirement = row.requirement
    if 0 < load_s <= requirement.after_s:
        remedy = "" if aborted else "; run longer, or choose an earlier instant"
        return (
            f"the load ended at {format_clock(load_s)}, before what the row is about: it begins "
            f"after {_span(requirement.after_s)}{remedy}."
        )
    failed = _failed(requirement, summary)
    if failed is not None:
        what = _COMPLETED.get(requirement.metric)
        nothing = f"no sample of {requirement.metric}" if what is None else f"no {what}"
        done = "" if what is None else " was completed"
        return f"{nothing}{_where(requirement)}{done}: {failed}."
    sample = f"no sample of {requirement.metric}{_where(requirement)}"
    if requirement.after_s:
        sample += f" after {_span(requirement.after_s)}"
    if aborted:
        return f"{sample} until the run was aborted."
    if requirement.kind == "gauge":
        return f"{sample}; the notes on the resource say why."
    return f"{sample}; the load must reach it, or the row must go."


def _insufficient(row: Row, summary: Summary, load_s: float, *, aborted: bool) -> str:
    requirement = row.requirement
    window_s = requirement.window_s
    if window_s is not None and row.at_s is None:
        after = f" after {_span(requirement.after_s)}" if requirement.after_s else ""
        remedy = "" if aborted else "; run longer, or choose a shorter window"
        return (
            f"no stretch of {_span(window_s)}{after} could be judged, as the load ended at "
            f"{format_clock(load_s)}{remedy}."
        )
    if requirement.claims:
        return _unproven(row, summary, load_s, aborted=aborted)
    few = counted(row.samples, "sample")
    if window_s is not None:
        few += f" in {_span(window_s)}, the most of any such stretch,"
    verb = "is" if row.samples == 1 else "are"
    few += f" {verb} too few for {requirement.aggregation}, which needs {row.needed:,}"
    failed = _failed(requirement, summary)
    if failed is not None:
        return f"{few}: {failed}."
    if aborted:
        return f"{few}, as the run was aborted."
    if window_s is not None:
        return f"{few}; choose a longer window, or more load."
    return f"{few}; run longer or with more load."


def _unproven(row: Row, summary: Summary, load_s: float, *, aborted: bool) -> str:
    """That there were too few deliveries for a reliability, and how many it takes."""
    requirement = row.requirement
    share = requirement.words.rpartition(requirement.operator)[2].strip()
    found = f"{row.samples:,} deliver{'y' if row.samples == 1 else 'ies'}"
    if requirement.window_s is not None:
        found += f" in {_span(requirement.window_s)}, the most of any such stretch,"
    verb = "is" if row.samples == 1 else "are"
    few = f"{found} {verb} too few to prove {share}, which takes {row.needed:,} without a loss"
    failed = _failed(requirement, summary)
    if failed is not None:
        return f"{few}: {failed}."
    if aborted:
        return f"{few}, as the run was aborted."
    if requirement.window_s is not None:
        return f"{few}; choose a longer window, or more load."
    more_s = (row.needed - row.samples) * (load_s - requirement.after_s) / row.samples
    return f"{few}; run {_span(ceil(more_s))} longer at this rate, or with more load."


def short_of_proof(row: Row) -> str | None:
    """What a reliability that is met is shown to be, where that is less; None: nothing to say."""
    requirement, bound = row.requirement, row.bound
    if row.status != "met" or not requirement.claims or bound is None:
        return None
    if bound >= requirement.threshold:
        return None
    shown = floor(bound * 100_000) / 100_000  # it must not come out as the threshold
    return f"{row.name}: met as seen, and at least {shown * 100:.5g} % with 95 % certainty"


def _failed(requirement: Requirement, summary: Summary) -> str | None:
    """That most requests of what a row selects failed, if so; they are why it has no data."""
    if requirement.metric in _OF_THIRD_PARTIES:
        return None  # what a platform asks of others does not go by how its own requests fare
    where = tuple(pair for pair in requirement.where if pair[0] != "check")
    requests = all_failed(summary, where)
    if not requests.total or requests.ratio <= _MOSTLY:
        return None
    return f"{format_ratio(requests.ratio)} of its requests failed; see the failures"


def _when(row: Row) -> str:
    requirement = row.requirement
    if row.at_s is not None and requirement.window_s is not None:
        return f" in the {_span(requirement.window_s)} until {format_clock(row.at_s)}"
    return f" after {_span(requirement.after_s)}" if requirement.after_s else ""


def _span(seconds: int) -> str:
    return format_duration_ns(seconds * NS_PER_S)


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
