"""What speaks for a cause beside the split of latencies: resources, locks, third parties. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.analysis.split import is_database
from wedload.plan.resources import MACHINE
from wedload.results.dependencies import DURATION
from wedload.results.figures_model import TrendFigures
from wedload.units import format_clock, format_count, format_ms, format_number, format_per_s
from wedload.units import format_ratio as ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.results.analysis_model import Saturated
    from wedload.results.model import Result
    from wedload.results.resources_model import LockWait, Resource

#: sessions that wait for a lock, on average of all samples, from which on it is no chance meeting
_WAITING: Final = 0.5
#: or this share of what is under way in the database, seen in some samples
_WAITING_SHARE: Final = 1 / 3
_LEAST_SEEN: Final = 3
_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST: Final = 60  # characters of a statement
_SPELT: Final = {"cpu": "CPU", "read": "reading", "written": "writing"}


@dataclass(frozen=True, slots=True)
class Locked:
    """Sessions that waited for a lock."""

    resource: Resource
    wait: LockWait  # what most of them waited for
    waiting: float  # sessions, on average of all samples of the load


def locked_of(result: Result, under_way: float) -> Locked | None:
    """The lock that most sessions waited for, if they were more than a few.

    `under_way` is how many requests were in the database at once; 0: not known.
    """
    found: list[Locked] = []
    for one in result.resources:
        samples = max((figures.samples for figures in one.figures), default=0)
        if one.locks and samples:
            total = sum(lock.sessions for lock in one.locks)
            most = max(one.locks, key=lambda lock: lock.sessions)
            waiting = total / samples
            share = under_way > 0 and waiting >= _WAITING_SHARE * under_way
            if waiting >= _WAITING or (share and total >= _LEAST_SEEN):
                found.append(Locked(one, most, waiting))
    return max(found, key=lambda one: one.waiting, default=None)


def lock_words(locked: Locked) -> str:
    """`relation bookings, held by a session with “LOCK TABLE bookings”`."""
    holder = locked.wait.holder
    return locked.wait.what + (f", held by a session with “{shortened(holder)}”" if holder else "")


def waiting_words(locked: Locked) -> str:
    """How many waited."""
    return (
        f"{format_number(locked.waiting)} sessions of {locked.resource.name} wait for a lock on "
        f"average, at most {format_count(locked.wait.most)} for {locked.wait.what}"
    )


def of_service(
    service: str, result: Result, saturated: Sequence[Saturated], *, home: bool = False
) -> Saturated | None:
    """The first resource of a service that came to its limit.

    A resource belongs to a service whose name is, as whole words, in its own, or in what was asked
    for. A database's is also one of kind `postgres`, or with a database's name. If just one process
    is watched that is no database's, it is that of the service that requests come to.
    """
    resources = {one.name: one for one in result.resources if not is_machine(one)}
    processes = [
        one.name
        for one in result.resources
        if one.kind in {"process", "cgroup"} and not _of_database(one)
    ]
    for one in saturated:
        resource = resources.get(one.resource)
        if resource is None:
            continue
        if _named(service, resource):
            return one
        if is_database(service) and _of_database(resource):
            return one
        if home and processes == [one.resource]:
            return one
    return None


def is_machine(resource: Resource) -> bool:
    """Whether it is the whole machine, the load generator and all."""
    return resource.kind == MACHINE


def _named(service: str, resource: Resource) -> bool:
    """Whether it has the words of a service's name: `elasticsearch` has no `search`."""
    name = _spaced(service)
    return any(name in _spaced(text) for text in (resource.name, resource.what))


def _spaced(text: str) -> str:
    """Its words, each between blanks."""
    words = _WORD.findall(text.lower()) or [text.lower()]
    return f" {' '.join(words)} "


def _of_database(resource: Resource) -> bool:
    words = f"{resource.name} {resource.what}".lower().replace("_", " ").split()
    return resource.kind == "postgres" or any(map(is_database, words))


def level_words(one: Saturated) -> str:
    """`CPU is at 97 %`, `CPU is at 99 % of one core`, `connections are at 100 %`."""
    spelt = _SPELT.get(one.quantity, one.quantity.replace("_", " "))
    verb = "are" if spelt.endswith("s") else "is"
    return f"{spelt} {verb} at {ratio(one.level)}" + (" of one core" if one.one_core else "")


def since_words(one: Saturated, *, open_load: bool) -> str:
    """From which load on: `from 600 users on`, `from 480/s on`."""
    if open_load or not one.vus:
        at = format_per_s(one.rate_per_s) if one.rate_per_s else format_clock(one.at_s)
        return f"from {at} on"
    return f"from {format_count(one.vus)} users on"


def third_party_words(result: Result, service: str) -> Iterator[str]:
    """How long a third party takes by its own account, and what it refuses."""
    for one in result.dependencies:
        took = one.metrics.get(DURATION)
        if service not in {one.name, one.simulate} or not isinstance(took, TrendFigures):
            continue
        if took.avg is not None:
            tail = "" if took.p95 is None else f", p95 {format_ms(took.p95)}"
            yield f"{one.name} takes {format_ms(took.avg)} on average to answer{tail}"
        if one.amplification is not None and one.amplification > 1.5:
            yield f"it is asked {format_number(one.amplification)} times for each operation"


def explained_words(result: Result) -> Iterator[str]:
    """What EXPLAIN says of the slowest queries, the slowest first."""
    for one in sorted(result.explained, key=lambda one: -one.duration_ms):
        if one.culprit is not None:
            yield f"EXPLAIN of “{one.step}”: {one.culprit.words}"


def shortened(statement: str) -> str:
    """A statement in one line."""
    text = " ".join(statement.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
