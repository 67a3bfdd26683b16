"""The benchmark table of a plan: that every row can have data.

A row that selects what the plan never does would be reported as "no data" after an hour's run;
here it is an error before the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.plan import not_yet
from wedload.plan.checks.fault_rows import check_fault_rows
from wedload.plan.checks.resources import check_resource_rows
from wedload.plan.checks.row_places import OF_DEPENDENCIES, OF_FALLBACKS, Places, groups_of
from wedload.plan.checks.steps import DIMENSIONS
from wedload.plan.expressions.expression import suggest
from wedload.plan.fault_times import FAULT_DIMENSIONS
from wedload.plan.metric_table import METRICS
from wedload.plan.model import sign_in_label
from wedload.plan.resource_metrics import KINDS_OF, VALUE, metric_of
from wedload.plan.row_times import check_row_times

if TYPE_CHECKING:
    from wedload.plan.benchmark import Requirement
    from wedload.plan.checks.row_places import Place
    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan

#: a metric that may be below nothing: what a Prometheus query answers
ANY_NUMBER: Final = metric_of(VALUE)
#: metric -> what a plan must have for it to have a value
_GIVEN_BY: Final = {
    **dict.fromkeys(OF_FALLBACKS, 'write fallback = "json.fallback_used" in an http step'),
    "retry_policy_kept": "write policy = { attempts = 3 } in the dependency",
    "quota_breaches": 'write quota = "600/1m" in the dependency',
}


def check_rows(draft: Draft, plan: Plan) -> None:
    """Report rows whose selectors fit nothing in the plan."""
    if ("scenarios",) in draft.pruned or ("workflows",) in draft.pruned:
        return
    places = Places(plan)
    written = _words({key: value for key, value in draft.raw.items() if key != "benchmarks"})
    written |= set(map(sign_in_label, plan.identities))
    mistyped = any(len(path) == 1 for path in draft.pruned)  # tables, scenarios perhaps
    sound = not mistyped and all(map(draft.sound, _SOURCES))
    for name, row in plan.benchmarks.items():
        finding = _finding(row, places, sound=sound, written=written)
        if finding is not None:
            draft.report(("benchmarks", name), *finding)
    check_fault_rows(draft, plan)
    check_resource_rows(draft, plan)
    check_row_times(draft, plan, sound=not draft.damaged(("scenarios",)))


_SOURCES: Final = (
    "scenarios",
    "workflows",
    "setup",
    "teardown",
    "dependencies",
    "faults",
    "resources",
)


def _words(value: Any) -> set[str]:
    """Every text in a document: what a damaged part of it might have given a name to."""
    if isinstance(value, dict):
        return set(value).union(*map(_words, value.values()))
    if isinstance(value, list):
        numbers = {str(number) for number in range(1, len(value) + 1)}
        return numbers.union(*map(_words, value))
    return set(groups_of(value)) if isinstance(value, str) else set()


def _finding(
    row: Requirement, places: Places, *, sound: bool, written: set[str]
) -> tuple[str, str | None] | None:
    """What is wrong with a row, and the hint; None if nothing certainly is."""
    if row.metric in not_yet.ROWS:
        return not_yet.not_driven(f"a row about `{row.metric}`"), "take it out of the plan"
    if (message := _foregone(row)) is not None:
        return message, "the row would say nothing of the run"
    if METRICS[row.metric].of == "difference" and (row.timed or row.abort):
        message = f"`{row.metric}` is judged when all of the load is over"
        return message, "take out abort, after and window"
    candidates = places.of(row)
    if sound and not candidates and row.metric in _GIVEN_BY:
        return f"nothing in this plan gives `{row.metric}` a value", _GIVEN_BY[row.metric]
    for key, value in row.where:
        if (wrong := _wrong_dimension(row, key, places)) is not None:
            if sound or key not in written:
                return wrong
            continue
        known = frozenset[str]().union(*(place.get(key, frozenset()) for place in candidates))
        if value not in known and (sound or value not in written):
            idle = places.idle_steps.get(value) if key == "step" else None
            near = suggest(value, known, lead="did you mean ")
            listed = f"known: {', '.join(sorted(known))}" if known else None
            hint = idle or near or listed
            return f'`{row.metric}` never has {key} "{value}" in this plan', hint
    if sound and not any(_fits(row, place) for place in candidates):
        if not row.where:
            return f"nothing in this plan gives `{row.metric}` a value", None
        listed = ", ".join(f"{key}={value}" for key, value in row.where)
        return f"nothing in this plan has all of {listed}", "the row would never have data"
    return None


#: metrics of which nothing is less than 1: an operation has an attempt
_FROM_ONE: Final = frozenset({"operation_attempts", "retry_amplification"})


def _foregone(row: Requirement) -> str | None:
    """Why a row is met, or missed, whatever is seen; None if it is not."""
    if METRICS[row.metric].of == "difference" and row.aggregation != "count":
        return None  # it may be below 0
    share = row.unit == "ratio" and row.kind == "rate"  # goodput may be more than expected
    least = 1 if row.metric in _FROM_ONE and row.aggregation != "count" else 0
    lowest, highest = row.threshold <= least, share and row.threshold == 1
    range_ = "between 0% and 100%" if share else f"at {least} or above"
    below = row.operator in {"<=", "=="} and row.threshold < least
    if row.metric == ANY_NUMBER:
        return None
    if below or (row.operator == "<" and lowest) or (row.operator == ">" and highest):
        return f"`{row.words}` can never hold: every value lies {range_}"
    if (row.operator == ">=" and lowest) or (row.operator == "<=" and highest):
        return f"`{row.words}` holds whatever happens: every value lies {range_}"
    return None


def _fits(row: Requirement, place: Place) -> bool:
    return all(value in place.get(key, ()) for key, value in row.where)


def _wrong_dimension(row: Requirement, key: str, places: Places) -> tuple[str, str | None] | None:
    if key in not_yet.DIMENSIONS:
        return not_yet.not_driven(f"the selector `{key}`"), None
    everywhere = (*DIMENSIONS, *places.tags)
    if key not in everywhere:
        near = suggest(key, everywhere, lead="did you mean ")
        return f"there is no dimension or tag `{key}`", near or f"known: {', '.join(everywhere)}"
    here = sorted({dimension for place in places.of(row) for dimension in place})
    if here and key not in here:
        if row.metric in KINDS_OF:
            message = f"`{row.metric}` has no {key}: a resource is used by all alike"
            return message, f"it can be selected by {', '.join(here)}"
        if row.metric in OF_DEPENDENCIES and key not in FAULT_DIMENSIONS:
            message = f"`{row.metric}` has no {key}: a third party is asked by all scenarios alike"
            return message, f"it can be selected by {', '.join(here)}"
        listed = ", ".join(here)
        return f"`{row.metric}` has no {key} in this plan", f"it can be selected by {listed}"
    return None
