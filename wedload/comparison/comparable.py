"""Whether runs can be compared, and what differs between them all the same. Pure.

Comparable are valid, whole runs that were asked for the same load of the same target. How much of
it the target took is a result, and compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from wedload.units import format_clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.comparison.sides import Named
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
    run = one.result.run
    reasons = []
    if not run.complete:
        reasons.append(f"{one.name} is incomplete: wedload ended in the middle of the run")
    elif run.interrupted:
        reasons.append(f"{one.name} was interrupted, so it has only a part of the load")
    if not one.result.validity.valid:
        why = [f.message for f in one.result.validity.findings if f.invalidates]
        why = why or one.result.reasons or ["its result gives no reason"]
        reasons.append(f"{one.name} is invalid: {'; '.join(why)}")
    return reasons


def _differences(first: Named, other: Named) -> list[str]:
    one, two = first.result.run, other.result.run
    reasons = []
    if one.target != two.target:
        reasons.append(f"the targets differ: {one.target} in {first.name}, {two.target} in"
                       f" {other.name}")  # fmt: skip
    if one.time_scale != two.time_scale:
        reasons.append(f"the time scales differ: {one.time_scale:g} in {first.name},"
                       f" {two.time_scale:g} in {other.name}")  # fmt: skip
    elif _schedule(first.result) != _schedule(other.result):
        reasons.append(f"the schedules differ: {format_clock(one.planned_s)} in"
                       f" {len(first.result.stages)} stages in {first.name},"
                       f" {format_clock(two.planned_s)} in {len(other.result.stages)} stages in"
                       f" {other.name}")  # fmt: skip
    if one.load_hash != two.load_hash:
        reasons.append(f"the plans differ: load hash {one.load_hash[:12]} ({one.plan}) in"
                       f" {first.name}, {two.load_hash[:12]} ({two.plan}) in"
                       f" {other.name}")  # fmt: skip
    return reasons


def _schedule(result: Result) -> tuple[Any, ...]:
    """What was asked for, whatever came of it; ms, so that rounding cannot differ."""
    stages = tuple(
        (one.scenario, one.stage, round(one.begin_s, 3), round(one.end_s, 3), one.target_vus,
         one.target_rate)
        for one in result.stages
    )  # fmt: skip
    return round(result.run.planned_s, 3), stages
