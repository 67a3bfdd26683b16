"""Culprits in words: a sentence with the figures that made it one, and what speaks for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.analysis import evidence
from wedload.analysis.grouping import operation_of
from wedload.results.analysis_model import Culprit
from wedload.units import format_ms, format_number, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.analysis.culprits import Case, Named
    from wedload.analysis.grouping import Group
    from wedload.results.analysis_model import CulpritKind

#: share of a group from which on one operation stands for it
_STANDS_FOR: Final = 0.6
_SURE: Final = 0.95
_MOST_EVIDENCE: Final = 4
#: part of each second that one thread is at work from which on it is the limit
_BUSY: Final = (0.8, 1.2)
#: share of a mean response from which on a wait is worth a word
_WORTH_SHARE: Final = 0.1
_DIGITS: Final = 3


def culprit_of(case: Case, named: Named) -> Culprit:
    """A cause with its sentence and its evidence."""
    group = named.group
    if group is None:
        return _of_resources(case, named)
    operation = _operation(case, named, group)
    said = list(_evidence(case, named, group, operation))
    locked, full = named.locked, named.saturated
    return Culprit(
        kind=_kind(named, group, operation),
        service=group.service or case.result.run.target,
        operation=operation,
        resource=_resource(named),
        low_ms=None if case.growth.one_load else round(group.low_ms, _DIGITS),
        high_ms=round(group.high_ms, _DIGITS),
        share_of_growth=_share_of_growth(case, group),
        certainty=named.certainty,
        words=_words(case, named, group, operation)
        + (_since(case, named) if full is not None or locked is not None else "")
        + _before(case, named, group),
        evidence=said[:_MOST_EVIDENCE],
    )


def _kind(named: Named, group: Group, operation: str | None) -> CulpritKind:
    if named.kind != "part":
        return named.kind
    match group.kind:
        case "pool":
            return "pool"
        case "database":
            return "query"
        case "third party":
            return "third party"
        case _:
            return "service" if operation is None else "operation"


def _resource(named: Named) -> str | None:
    if named.locked is not None:
        return named.locked.wait.what
    return None if named.saturated is None else named.saturated.resource


def _operation(case: Case, named: Named, group: Group) -> str | None:
    """The one that stands for the group, if one does."""
    growth = case.growth
    measured = {
        "low": growth.low_ms, "growth": growth.high_ms - growth.low_ms, "high": growth.high_ms,
    }[named.basis]  # fmt: skip
    if group.kind == "home" and named.kind == "resource":
        # who else waits for the CPU grows alike: what takes it is seen where nobody waits
        return operation_of(growth, group, growth.low_ms)[0]
    operation, share = operation_of(growth, group, measured)
    return operation if share >= _STANDS_FOR else None


def _words(case: Case, named: Named, group: Group, operation: str | None) -> str:
    growth = case.growth
    mean = growth.low_mean_ms if named.basis == "low" else growth.high_mean_ms
    part = group.low_ms if named.basis == "low" else group.high_ms
    who = case.focus.words
    taken = f"{format_ms(part)} of {format_ms(max(mean, part))}"
    what = "" if operation is None else f" ({operation})"
    match group.kind:
        case "pool":
            return f"{who} waits {taken} for a connection of the pool of {group.service}"
        case "database" | "third party" | "service":
            return f"{who} waits {taken} for {group.service}{what}"
        case "home":
            most = "" if operation is None or named.kind == "resource" else f", most in {operation}"
            return f"{who} spends {taken} in {group.service} and the queues before it{most}"
        case _:
            return f"{who} takes {format_ms(mean)}"


def _since(case: Case, named: Named) -> str:
    if named.locked is not None:
        waiting = format_number(named.locked.waiting)
        return f", where {waiting} sessions wait for {evidence.lock_words(named.locked)}"
    full = named.saturated
    assert full is not None
    since = evidence.since_words(full, open_load=case.open_load)
    whose = "whose" if named.group is not None and named.group.service else f"and {full.resource}'s"
    return f", {whose} {evidence.level_words(full)} {since}"


def _before(case: Case, named: Named, group: Group) -> str:
    """What it was at the other end of the load."""
    growth = case.growth
    if growth.one_load:
        return ""
    if named.basis == "low":
        at, ms = growth.high.level, group.high_ms
    else:
        at, ms = growth.low.level, group.low_ms
    flight = format_number(at.in_flight)
    return f"; with {flight} requests in flight it is {format_ms(ms)}"


def _share_of_growth(case: Case, group: Group) -> float | None:
    grew = case.growth.high_mean_ms - case.growth.low_mean_ms
    if case.growth.one_load or grew <= 0:
        return None
    return round(min(max(group.grew_ms / grew, 0.0), 1.0), 4)


def _evidence(case: Case, named: Named, group: Group, operation: str | None) -> Iterator[str]:
    """Sentences, what weighs most first."""
    if named.locked is not None:
        yield evidence.waiting_words(named.locked)
    if group.kind == "database":
        yield from evidence.explained_words(case.result)
    if group.kind == "third party":
        yield from evidence.third_party_words(case.result, group.service)
    if named.pool_ms >= _WORTH_SHARE * case.growth.high_mean_ms:
        yield (
            f"at the highest load another {format_ms(named.pool_ms)} go by in waiting for a "
            "connection: those who wait hold them"
        )
    if group.kind == "home":
        yield from _busy(case, named, group, operation)
    for one in case.saturated:
        if one is not named.saturated and named.certainty is not None:
            since = evidence.since_words(one, open_load=case.open_load)
            yield f"{one.resource}'s {evidence.level_words(one)} {since}"
    if named.certainty is not None and named.certainty < _SURE:
        yield (
            f"it comes first in {format_ratio(named.certainty)} of resamples of the run only: "
            "another part is about as long"
        )


def _busy(case: Case, named: Named, group: Group, operation: str | None) -> Iterator[str]:
    """How much work of its own there is in a second, by what a request takes where none waits."""
    work = case.growth.low_work_ms
    places = [at for at in group.places if at < work.size]
    if not places:
        return
    each_ms = float(work[places].sum())
    rate = case.growth.high.level.rate_per_s
    most = "" if operation is None else f", most of it in {operation}"
    share = each_ms * rate / 1000
    if _BUSY[0] <= share <= _BUSY[1]:  # above, self times have waiting in them at low load, too
        yield (
            f"a request is {format_ms(each_ms)} of work for {group.service}{most}: at the highest "
            f"load {format_number(share)} s of it in each second, about what one thread can do"
        )
    elif most and named.kind == "resource":
        yield f"a request is {format_ms(each_ms)} of work for {group.service}{most}"


def _of_resources(case: Case, named: Named) -> Culprit:
    """A cause of which no span tells: by resources, locks and EXPLAIN alone."""
    growth, who = case.growth, case.focus.words
    target = case.result.run.target
    head = f"{who} takes {format_ms(growth.high_mean_ms)}"
    before = "" if growth.one_load else f", {format_ms(growth.low_mean_ms)} at the lowest load"
    said = list(evidence.explained_words(case.result))
    if named.kind == "query":
        slowest = max(
            (one for one in case.result.explained if one.culprit is not None),
            key=lambda one: one.duration_ms,
        )
        return Culprit(
            kind="query", service=slowest.database, operation=slowest.step,
            words=f"{head}{before}, and the database {slowest.database} up to "
            f"{format_ms(slowest.duration_ms)} for “{slowest.step}”",
            evidence=said[:_MOST_EVIDENCE],
        )  # fmt: skip
    if named.locked is not None:
        said.insert(0, evidence.waiting_words(named.locked))
        return Culprit(
            kind="lock", service=named.locked.resource.name, resource=named.locked.wait.what,
            words=f"{head}{before}" + _since(case, named), evidence=said[:_MOST_EVIDENCE],
        )  # fmt: skip
    assert named.saturated is not None
    return Culprit(
        kind="resource", service=target, resource=named.saturated.resource,
        words=f"{head}{before}" + _since(case, named), evidence=said[:_MOST_EVIDENCE],
    )  # fmt: skip
