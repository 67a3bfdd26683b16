"""Rows about goodput and recovery, and what is to be said of faults that cannot be judged. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wedload.plan.dependency_metrics import OF_FAULTS
from wedload.units import format_clock, format_number, format_ratio
from wedload.verdict.goodput import LEAST_BEFORE, LEAST_EXPECTED
from wedload.verdict.model import Finding, Row
from wedload.verdict.row import HOLDS, margin_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wedload.metrics.summary import Where
    from wedload.plan.benchmark import Requirement
    from wedload.plan.fault_times import FaultSpan
    from wedload.verdict.goodput import FaultEffect, Goodput

    #: the effects of all faults on what selectors of scenarios and workflows pick
    EffectsOf = Callable[[Where], Sequence[FaultEffect]]

_FAULT: Final = frozenset({"fault", "after_fault"})
_REMEDY: Final = "; "  # begins what is to be done about a row that could not be judged


def fault_rows(
    benchmarks: Mapping[str, Requirement],
    effects_of: EffectsOf,
    *,
    final: bool,
    aborted: bool = False,
) -> dict[str, Row]:
    """The rows about goodput and recovery, by name, with the reasons of those that are not met.

    While the load goes on a platform may still recover: then it is `final` that it has not. Whose
    run a row has `aborted` is not told to run longer.
    """
    found = {}
    for name, row in benchmarks.items():
        if row.metric in OF_FAULTS:
            dimension, fault = next(pair for pair in row.where if pair[0] in _FAULT)
            where = tuple(pair for pair in row.where if pair[0] not in _FAULT)
            effect = next((one for one in effects_of(where) if one.name == fault), None)
            made = _row(name, row, effect, after=dimension == "after_fault")
            open_ = not final and made.status == "missed" and made.observed is None
            made = replace(made, status="no-data") if open_ else made
            found[name] = _without_remedy(made) if aborted else made
    return found


def _without_remedy(row: Row) -> Row:
    """A row whose reason says why, and not what to do about it."""
    if row.reason is None or row.status == "missed":
        return row
    return replace(row, reason=row.reason.rpartition(_REMEDY)[0] + ".")


def _row(name: str, row: Requirement, effect: FaultEffect | None, *, after: bool) -> Row:
    blank = Row(name, row, "no-data", None, 0, LEAST_EXPECTED, None)
    if effect is None or effect.before is None:
        why = "the load ended before it began" if effect is None else effect.unknown
        return _because(blank, f"nothing is known of this fault: {why}; run longer.")
    if row.metric == "time_to_recover":
        return _recovery(blank, effect)
    return _goodput(blank, effect, effect.before, effect.after if after else effect.during)


def _goodput(blank: Row, effect: FaultEffect, before: Goodput, seen: Goodput | None) -> Row:
    if seen is None:
        ended = effect.unknown or "there was no load after it"
        return _because(blank, f"there is no goodput after this fault: {ended}; run longer.")
    if before.good < LEAST_BEFORE:
        few = replace(blank, status="insufficient", samples=before.good, needed=LEAST_BEFORE)
        return _because(
            few,
            f"{before.good:,} good iterations before this fault are too few to know what is to be "
            f"expected, which takes {LEAST_BEFORE}; let it begin later, or run with more load.",
        )
    samples = round(seen.expected)
    ratio = seen.ratio
    if ratio is None:
        return _because(
            replace(blank, status="insufficient", samples=samples),
            f"{samples:,} good iterations to be expected are too few to tell a share of, which "
            f"takes {LEAST_EXPECTED}; run longer or with more load.",
        )
    return _judged(replace(blank, samples=samples), ratio)


def _recovery(blank: Row, effect: FaultEffect) -> Row:
    after = effect.after
    samples = 0 if after is None else round(after.expected)
    if effect.unknown is not None or after is None:
        known = effect.unknown or "the load ended with it"
        return _because(
            replace(blank, status="no-data" if after is None else "insufficient", samples=samples),
            f"it is not known when the platform had recovered: {known}; run longer or with more "
            "load.",
        )
    if effect.time_to_recover_s is None:
        return _because(
            replace(blank, status="missed", samples=samples), not_recovered(effect, after)
        )
    return _judged(replace(blank, samples=samples), effect.time_to_recover_s * 1000)


def not_recovered(effect: FaultEffect, after: Goodput) -> str:
    """What is said of a platform that stayed as it was once the fault was gone."""
    begin = (
        f"the platform did not recover by itself: in the {after.seconds} s after "
        f"'{effect.name}' goodput was {format_ratio(after.ratio)} of what was to be expected"
    )
    times = effect.amplification.after
    if times is None or times <= 1:
        return f"{begin}."
    return f"{begin}, and third parties were still asked {format_number(times)} times an operation."


def _judged(row: Row, observed: float) -> Row:
    requirement = row.requirement
    met = HOLDS[requirement.operator](observed, requirement.threshold)
    margin = margin_of(requirement, observed)
    return replace(row, status="met" if met else "missed", observed=observed, margin=margin)


def _because(row: Row, reason: str) -> Row:
    return replace(row, reason=f"{row.name}: {reason}")


def fault_findings(
    faults: Sequence[FaultSpan], load_s: float, *, aborted: bool = False
) -> Iterator[Finding]:
    """The faults that the load ended before, or in: nothing can be said of what comes after."""
    remedy = "" if aborted else "; run longer"
    for one in faults:
        if load_s <= one.begin_s:
            when = f"began (at {format_clock(one.begin_s)})"
        elif load_s < one.end_s:
            when = f"was over (at {format_clock(one.end_s)})"
        else:
            continue
        yield Finding(
            "fault-cut",
            f"The load ended at {format_clock(load_s)}, before the fault '{one.name}' {when}: "
            f"whether the platform recovers from it is not known{remedy}.",
            invalidates=False,
        )
