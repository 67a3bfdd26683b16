"""Why runs cannot be compared, and what differs between them all the same, in words. Pure.

What forbids a comparison is in wedload.results.comparable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wedload.results.comparable import differences, unfit
from wedload.units import format_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.comparison.sides import Named
    from wedload.results.comparable import Difference, Unfit
    from wedload.results.model import Result


def why_not(base: Sequence[Named], current: Sequence[Named]) -> list[str]:
    """A sentence for everything that forbids a comparison; none: go ahead."""
    first, *others = [*base, *current]
    reasons = [reason for one in (first, *others) for reason in _unusable(one)]
    for other in others:
        reasons += _differences(first, other)
    return list(dict.fromkeys(reasons))


def differences_to_know(base: Sequence[Named], current: Sequence[Named]) -> list[str]:
    """What differs between the sides, forbids nothing, and may explain a change."""
    notes = []
    for what, get in _FACTS.items():
        left, right = _values(base, get), _values(current, get)
        if left != right:
            notes.append(f"{what} differs: {_listed(left)} → {_listed(right)}")
    same_load = _values(base, _load_hash) == _values(current, _load_hash)
    if same_load and _values(base, _plan_hash) != _values(current, _plan_hash):
        notes.append(
            "the plans differ, but not in their load (benchmarks or addresses, for example)"
        )
    return notes


_FACTS: dict[str, Callable[[Result], Any]] = {
    "the version of wedload": lambda one: one.run.version,
    "the number of load processes": lambda one: one.run.workers,
    "the address of the target": lambda one: _address(one.run.base_url),
    "the highest rate of the target (requests/s)": lambda one: one.run.max_rate_per_s,
    "the system": lambda one: one.run.host.get("system"),
    "the machine": lambda one: one.run.host.get("machine"),
    "the number of CPUs": lambda one: one.run.host.get("cpus"),
    "Python": lambda one: one.run.host.get("python"),
    "what drives the load": lambda one: (
        "compiled" if one.run.host.get("compiled") else "interpreted"
    ),
}


def _load_hash(one: Result) -> str:
    return one.run.load_hash


def _plan_hash(one: Result) -> str:
    return one.run.plan_hash


def _address(base_url: str) -> str:
    """Without the port where it is this machine: embedded targets get another one each time."""
    parts = urlsplit(base_url)
    if parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return base_url
    return f"{parts.scheme}://{parts.hostname}"


def _values(side: Sequence[Named], get: Callable[[Result], Any]) -> list[Any]:
    return sorted({get(one.result) for one in side}, key=str)


def _listed(values: list[Any]) -> str:
    return " and ".join("unknown" if value is None else str(value) for value in values)


def _unusable(one: Named) -> list[str]:
    return [
        _unfit_words(one, why) for why in unfit(one.result.run, valid=one.result.validity.valid)
    ]


def _unfit_words(one: Named, why: Unfit) -> str:
    match why:
        case "not complete":
            return f"{one.name} is incomplete: wedload ended in the middle of the run"
        case "interrupted":
            return f"{one.name} was interrupted, so it has only a part of the load"
        case "aborted":
            at = format_clock(one.result.run.aborted_s or 0.0)
            return f"{one.name} was aborted at {at}, so it has only a part of the load"
        case "invalid":
            messages = [f.message for f in one.result.validity.findings if f.invalidates]
            messages = messages or one.result.reasons or ["its result gives no reason"]
            return f"{one.name} is invalid: {'; '.join(messages)}"


#: what may differ -> how the sentence begins, and what it is in a run
_DIFFERENT: dict[Difference, tuple[str, Callable[[Result], str]]] = {
    "plan": ("the plans differ:", lambda one: one.run.plan),
    "target": ("the targets differ:", lambda one: one.run.target),
    "time scale": ("the time scales differ:", lambda one: f"{one.run.time_scale:g}"),
    "load": (
        "the plans differ: load hash",
        lambda one: f"{one.run.load_hash[:12]} ({one.run.plan})",
    ),
    "schedule": (
        "the schedules differ:",
        lambda one: f"{format_clock(one.run.planned_s)} in {len(one.stages)} stages",
    ),
}


def _differences(first: Named, other: Named) -> list[str]:
    reasons = []
    for what in differences(first.result, other.result):
        begin, of = _DIFFERENT[what]
        reasons.append(
            f"{begin} {of(first.result)} in {first.name}, {of(other.result)} in {other.name}"
        )
    return reasons
