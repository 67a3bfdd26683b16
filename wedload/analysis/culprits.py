"""What gives way: from parts that grow, or that are long from the start, to causes. Pure.

Three things are asked in turn. Is something missed, or does latency grow by more than one would
shrug at? If not, nothing gives way. Whose part is it that is long, or that grows? And is that part
the cause, or only where the cause is waited for? docs/analysis.md has each rule with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from wedload.analysis import evidence
from wedload.analysis.grouping import groups_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.analysis.course import Course
    from wedload.analysis.evidence import Locked
    from wedload.analysis.focus import Focus
    from wedload.analysis.grouping import Group
    from wedload.analysis.growth import Growth
    from wedload.analysis.split import Split
    from wedload.analysis.stretches import Slots
    from wedload.results.analysis_model import Saturated
    from wedload.results.model import Result

#: what a part is measured by: at the lowest load, by its growth, at the highest load
Basis = Literal["low", "growth", "high"]
#: share of it below which no part is named: then none is what one would begin with
LEAST_SHARE: Final = 1 / 3
#: what is waited for with a connection in hand takes this share of the wait for one, at least, if
#: that wait is its consequence; of a pool that is just too small it is next to nothing
_CAUSES: Final = 0.25
_CAUSES_MS: Final = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """All that is known to decide by."""

    result: Result
    focus: Focus
    growth: Growth
    split: Split | None
    saturated: Sequence[Saturated]

    @property
    def open_load(self) -> bool:
        """Whether iterations arrive by a rate, however many are under way."""
        return any(one.target_rate is not None for one in self.result.stages)


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A part that is named, and why it is."""

    kind: Literal["part", "lock", "resource", "query"]
    group: Group | None  # None: nothing tells whose time it is
    basis: Basis
    share: float | None  # of the mean, or of the growth, as `basis` says
    certainty: float | None
    saturated: Saturated | None = None  # a resource of its own at its limit
    locked: Locked | None = None
    pool_ms: float = 0.0  # that is waited at the highest load for connections held because of it


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and whether there is anything to be explained at all."""

    basis: Basis | None  # None: nothing gives way
    named: tuple[Named, ...] = ()


def find(case: Case, course: Course, slots: Slots) -> Finding:
    """Name what gives way, surest first; nothing if all is well, or nobody can tell."""
    basis = _basis(case, course, slots)
    if basis is None:
        return Finding(None)
    groups = [] if case.split is None else groups_of(case.result, case.split, case.growth)
    ranked = sorted(groups, key=lambda one: -_measure(one, basis))
    if not ranked:
        return Finding(basis, tuple(_without_split(case, basis)))
    first = _cause(ranked, basis)
    cause = _named(case, first, ranked, basis)
    if cause is None:
        return Finding(basis)
    # who else waits for the same, or for connections that those who wait hold, is no second cause
    others = [
        Named("part", one, basis, _share(one, ranked, basis), None)
        for one in ranked
        if cause.kind == "part"
        and one not in {first, cause.group}
        and one.kind not in {"pool", "rest"}
        and _share(one, ranked, basis) >= LEAST_SHARE
    ]
    return Finding(basis, (cause, *others))


def _basis(case: Case, course: Course, slots: Slots) -> Basis | None:
    """By what parts are to be measured; None: there is nothing to explain."""
    focus, growth = case.focus, case.growth
    grew = growth.relevant(focus.floor_ms)
    if not focus.missed:
        return "growth" if grew else None
    if growth.one_load or (focus.allowed_ms is None and not grew):
        return "high"
    p95 = course.p95_ms(slots.seconds_of(growth.low.slots, course.seconds), focus.steps)
    at_low = growth.low_mean_ms if p95 is None else p95
    if focus.allowed_ms is not None and at_low >= focus.allowed_ms:
        return "low"
    return "growth" if grew else "high"


def _measure(one: Group, basis: Basis) -> float:
    return {"low": one.low_ms, "growth": one.grew_ms, "high": one.high_ms}[basis]


def _share(one: Group, groups: Sequence[Group], basis: Basis) -> float:
    whole = sum(max(_measure(each, basis), 0.0) for each in groups)
    return max(_measure(one, basis), 0.0) / whole if whole else 0.0


def _cause(ranked: Sequence[Group], basis: Basis) -> Group:
    """The first one, or what it is but the consequence of.

    Connections are waited for because others hold them, and those hold them for as long as a
    database, or whom else they ask meanwhile, takes.
    """
    first = ranked[0]
    if first.kind != "pool":
        return first
    for one in ranked[1:]:
        longer = max(_measure(one, basis), one.grew_ms)
        if one.kind in {"database", "third party", "service"} and longer >= max(
            _CAUSES * _measure(first, basis), _CAUSES_MS
        ):
            return one
    return first


def _named(case: Case, one: Group, ranked: Sequence[Group], basis: Basis) -> Named | None:
    """The cause that a part speaks for; None: it is nobody's."""
    share = _share(one, ranked, basis)
    # of what is named as the cause of another part, its own rank says nothing
    certainty = _certainty(one, ranked, basis) if one is ranked[0] else None
    waited = next((each.high_ms for each in ranked if each.kind == "pool"), 0.0)
    home = next((each for each in ranked if each.kind == "home"), None)
    own = evidence.of_service(
        one.service, case.result, case.saturated, home=one.kind in {"home", "rest"}
    )
    if one.kind in {"database", "pool"} or (one.kind in {"home", "rest"} and own is None):
        locked = evidence.locked_of(case.result, _under_way(case, ranked))
        if locked is not None:
            group = _database(ranked) or one
            return Named("lock", group, basis, share, certainty, None, locked, waited)
    if one.kind in {"database", "service", "pool"} and own is None and home is not None:
        # a caller without CPU time looks at answers late: that is in whatever it waits for
        busy = evidence.of_service(home.service, case.result, case.saturated, home=True)
        if busy is not None and busy.quantity == "cpu" and basis == "growth":
            return Named("resource", home, basis, _share(home, ranked, basis), certainty, busy)
    if one.kind == "rest":
        return Named("resource", one, basis, share, certainty, own) if own else None
    if one.kind == "home" and own is not None:
        return Named("resource", one, basis, share, certainty, own)
    waits = 0.0 if one.kind in {"pool", "home"} else waited
    return Named("part", one, basis, share, certainty, own, None, waits)


def _database(ranked: Sequence[Group]) -> Group | None:
    return next((one for one in ranked if one.kind == "database"), None)


def _under_way(case: Case, ranked: Sequence[Group]) -> float:
    """Requests in the database at once, at the highest load."""
    ms = sum(one.high_ms for one in ranked if one.kind == "database")
    return ms / 1000 * case.growth.high.level.rate_per_s


def _certainty(one: Group, ranked: Sequence[Group], basis: Basis) -> float:
    """Share of resamples in which no other part has more."""
    others = [_drawn(each, basis) for each in ranked if each is not one]
    if not others:
        return 1.0
    return float((_drawn(one, basis) >= np.max(others, axis=0)).mean())


def _drawn(one: Group, basis: Basis) -> NDArray[np.float64]:
    """What it is measured by in each resample."""
    if basis == "low":
        return one.low_resampled
    return one.high_resampled - (one.low_resampled if basis == "growth" else 0.0)


def _without_split(case: Case, basis: Basis) -> list[Named]:
    """What resources and EXPLAIN tell where nothing tells whose time it is."""
    locked = evidence.locked_of(case.result, 0.0)
    if locked is not None:
        return [Named("lock", None, basis, None, None, None, locked)]
    if any(one.culprit is not None for one in case.result.explained):
        return [Named("query", None, basis, None, None)]
    busy = [one for one in case.saturated if _of_target(case.result, one)]
    return [Named("resource", None, basis, None, None, busy[0])] if busy else []


def _of_target(result: Result, one: Saturated) -> bool:
    """Not the machine, which the load runs on, too."""
    return not any(
        evidence.is_machine(each) for each in result.resources if each.name == one.resource
    )
