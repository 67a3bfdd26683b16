"""The cases: which load, against which server, and which question it answers. Knows no tool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.load import Flow, Load

if TYPE_CHECKING:
    from pathlib import Path

Group = Literal["speed", "accuracy", "freeze", "executors"]

FREEZE: dict[str, Any] = {"fixed_ms": 5, "every_s": 20, "frozen_s": 2}
FREEZE_RATE_PER_S = 100
_FREEZE_S = 40.0  # whole stretches: then the truth does not depend on where they begin
_FIXED: dict[str, Any] = {"fixed_ms": 50}
_USERS = ("wedload", "k6", "locust")  # those with virtual users that think, pace or arrive


@dataclass(frozen=True, slots=True)
class Case:
    """One load for all tools. Without a `rule` it goes to nginx, else to `servers/truth.py`."""

    name: str
    group: Group
    title: str
    vus: int
    flow: Flow = "plain"
    tls: bool = False
    http2: bool = False  # instead of HTTP/1.1; with `tls`
    rate_per_s: int | None = None
    pace_s: float | None = None
    ramp_s: float = 0.0  # virtual users come over this time, before (not within) the load's seconds
    stages: tuple[tuple[float, int], ...] = ()
    start_vus: int = 0
    fixed_s: float | None = None  # of load, whatever the command line says
    rule: dict[str, Any] | None = None
    only: tuple[str, ...] = ()  # tools that the case is for; else all

    def seconds(self, asked_s: float) -> float:
        """How long the load lasts if the command line asks for `asked_s`."""
        if self.stages:
            return sum(seconds for seconds, _ in self.stages)
        return self.ramp_s + (asked_s if self.fixed_s is None else self.fixed_s)

    def load(self, asked_s: float, base_url: str, ca: Path | None) -> Load:
        """What a tool is asked for."""
        stages = self.stages
        if self.ramp_s:
            stages = ((self.ramp_s, self.vus), (self.seconds(asked_s) - self.ramp_s, self.vus))
        return Load(
            base_url, self.seconds(asked_s), self.vus, self.flow, stages, self.start_vus,
            self.rate_per_s, self.pace_s, ca if self.tls else None, self.http2,
        )  # fmt: skip


_SPEED = (
    Case("start-up", "speed", "Start-up: one virtual user, one request, one second", 1,
         pace_s=1.0, fixed_s=1.0, only=_USERS),
    Case("plain", "speed", "Plain GET, 64 connections", 64),
    Case("workflow", "speed", "Four-step workflow: JSON bodies, captures, checks, thresholds; 64 "
         "virtual users", 64, flow="workflow"),
    Case("tls", "speed", "Plain GET over TLS 1.3, 64 connections", 64, tls=True),
    Case("http2", "speed", "Plain GET over HTTP/2 (TLS 1.3), 64 connections of one stream each", 64,
         tls=True, http2=True, only=("wedload", "k6", "h2load")),
    Case("large", "speed", "GET of 1 MB, 16 connections: requests are megabytes", 16, flow="large"),
    Case("arrivals", "speed", "Open load: 5,000 iterations started a second, plain GET", 500,
         rate_per_s=5000, only=_USERS),
    Case("paced-1000", "speed", "1,000 virtual users, one plain GET a second each", 1000,
         pace_s=1.0, ramp_s=2.0, only=_USERS),
    Case("paced-8000", "speed", "8,000 virtual users, one plain GET each 10 seconds", 8000,
         pace_s=10.0, ramp_s=10.0, only=_USERS),
    Case("idle-10000", "speed", "10,000 virtual users, one plain GET each 30 seconds", 10_000,
         pace_s=30.0, ramp_s=10.0, fixed_s=30.0, only=_USERS),
)  # fmt: skip

_ACCURACY = (
    Case("accuracy", "accuracy", "Lognormal delays, p50 20 ms, p99 400 ms, at most 1 s", 20,
         rule={"p50_ms": 20, "p99_ms": 400, "most_ms": 1000, "seed": 1}),
    Case("freeze-open", "freeze", "open, up to 400 virtual users", 400, only=_USERS,
         rate_per_s=FREEZE_RATE_PER_S, fixed_s=_FREEZE_S, rule=FREEZE),
    Case("freeze-few", "freeze", "open, up to 50 virtual users", 50, only=_USERS,
         rate_per_s=FREEZE_RATE_PER_S, fixed_s=_FREEZE_S, rule=FREEZE),
    Case("freeze-closed", "freeze", "closed, 50 virtual users at a pace of 0.5 s", 50, only=_USERS,
         pace_s=0.5, stages=((0.5, 50), (_FREEZE_S - 0.5, 50)), rule=FREEZE),
)  # fmt: skip

_SHAPES: tuple[tuple[str, str, int, tuple[tuple[float, int], ...]], ...] = (
    ("up", "0 to 20 in 8 s", 0, ((8, 20),)),
    ("up-hold-down", "0 to 20, held, to 0, 3 s each", 0, ((3, 20), (3, 20), (3, 0))),
    ("jump", "at once to 15 for 4 s, at once to 5 for 4 s", 0, ((0, 15), (4, 15), (0, 5), (4, 5))),
    ("down", "20 to 0 in 8 s", 20, ((8, 0),)),
    ("staircase", "to 5, 10, 20: 1 s up, 2 s held each", 0,
     ((1, 5), (2, 5), (1, 10), (2, 10), (1, 20), (2, 20))),
    ("zigzag", "0 to 20 to 5 to 20 to 0, 2 s each", 0, ((2, 20), (2, 5), (2, 20), (2, 0))),
    ("from-start", "10 to 20 in 4 s, to 3 in 4 s", 10, ((4, 20), (4, 3))),
)  # fmt: skip

_EXECUTORS = tuple(
    Case(f"ramping-{name}", "executors", title, max(start, *(target for _, target in stages)),
         stages=stages, start_vus=start, rule=_FIXED, only=("wedload", "k6"))
    for name, title, start, stages in _SHAPES
)  # fmt: skip

EVERY = {case.name: case for case in (*_SPEED, *_ACCURACY, *_EXECUTORS)}
GROUPS: tuple[Group, ...] = ("speed", "accuracy", "freeze", "executors")


def chosen(names: list[str]) -> list[Case]:
    """The cases that these names, or names of groups, stand for; all if there are none.

    Raises:
        KeyError: a name is neither.
    """
    if not names:
        return list(EVERY.values())
    known = {**{name: [case] for name, case in EVERY.items()}}
    for group in GROUPS:
        known.setdefault(group, [])
        known[group] += [
            case for case in EVERY.values() if case.group == group and case.name != group
        ]
    wanted = {case.name for name in names for case in known[name]}
    return [case for case in EVERY.values() if case.name in wanted]


def expected_vu_seconds(case: Case) -> float:
    """The area under the stages of a ramping case, in virtual users × seconds."""
    area, before = 0.0, case.start_vus
    for seconds, target in case.stages:
        area += seconds * (before + target) / 2
        before = target
    return area
