"""A resource in words: its figures short, and what there is to know of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.units import counted, format_count, format_ms, format_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.results.resources_model import LockWait, Resource, ResourceFigures

LEGEND: Final = "CPU: 100 % is one core; all but averages are the highest that was seen"
_MOST_LOCKS: Final = 3
#: quantity -> how its highest is told; those that are there always, only above 0 for the others
_TOLD: Final = {
    "load": ("load {}", True),
    "throttled": ("throttled {}", False),
    "descriptors": ("{} descriptors", True),
    "threads": ("{} threads", True),
    "connections": ("{} connections", True),
    "active": ("{} active", True),
    "waiting": ("{} waiting", False),
    "idle_in_transaction": ("{} idle in transaction", False),
    "lock_waits": ("lock waits {}", False),
}


def quantity(resource: Resource, name: str) -> ResourceFigures | None:
    """The figures of a quantity, if there are samples of it."""
    return next((one for one in resource.figures if one.quantity == name and one.samples), None)


def figure(found: ResourceFigures | None, name: str) -> str:
    """One figure of a quantity, in its unit."""
    if found is None:
        return ""
    return format_value(getattr(found, name), found.unit)


def besides(resource: Resource) -> str:
    """What it has beside CPU and memory, in the terms of its kind."""
    if (value := quantity(resource, "value")) is not None:
        return f"{figure(value, 'avg')} on average, {figure(value, 'max')} at most"
    return ", ".join(_besides(resource))


def _besides(resource: Resource) -> Iterator[str]:
    for name, (form, always) in _TOLD.items():
        found = quantity(resource, name)
        if found is None or found.max is None or not (always or found.max):
            continue
        most = format_value(found.max, found.unit)
        if found.capacity is not None and name == "connections":
            most = f"{most} of {format_count(found.capacity)}"
        yield form.format(most)


def notes(resource: Resource) -> Iterator[str]:
    """Sentences: what was waited for, what cost most, why samples are missing."""
    for lock in resource.locks[:_MOST_LOCKS]:
        yield f"{resource.name}: {lock_words(lock)}"
    if resource.statements:
        first = resource.statements[0]
        took = f"{format_ms(first.total_ms)} in {counted(first.calls, 'call')}"
        yield f"{resource.name}: the costliest statement, {took}: {first.text}"
    for problem, times in resource.problems.items():
        yield f"{resource.name}: not sampled {counted(times, 'time')}: {problem}"
    for note in resource.notes:
        yield f"{resource.name}: {note}"


def lock_words(lock: LockWait) -> str:
    """`up to 3 sessions waited for row of bookings, held by: UPDATE …`."""
    who = "a session" if lock.most == 1 else f"up to {lock.most:,} sessions"
    held = "" if lock.holder is None else f", held by: {lock.holder}"
    return f"{who} waited for {lock.what}{held}"
