"""`--find-knee`: a plan whose scenarios are driven at the arrival rates of a search. Pure.

What the scenarios do stays; when they do it is the search's business, whatever their executors are.
Faults are left out, as they would make probes unlike each other; and rows that a probe cannot be
judged by. See docs/capacity.md.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wedload.errors import UsageError
from wedload.plan.dependency_metrics import OF_FAULTS
from wedload.plan.fault_times import FAULT_DIMENSIONS
from wedload.plan.rate import Rate
from wedload.plan.scenarios import ARRIVAL_EXECUTORS
from wedload.units import NS_PER_S, format_duration_ns, parse_duration_ns, parse_rate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from wedload.plan.benchmark import Requirement
    from wedload.plan.loader import LoadedPlan
    from wedload.plan.model import Plan, Scenario

#: the part of a probe that warms up, and is not judged
_WARM_UP: Final = 5
_SHORTEST_NS: Final = NS_PER_S
#: probes that must find time: to find the gap takes some, to say how sure it is takes more
_FEWEST: Final = 5
#: probes end early where they can, so there may be more of them than whole ones have time
_MOST_SHORTER: Final = 3


@dataclass(frozen=True, slots=True)
class Knee:
    """What the command line says of a search; rates are iterations per s of all scenarios."""

    first: Fraction
    top: Fraction
    probe_ns: int
    time_ns: int

    @property
    def warm_ns(self) -> int:
        """The part of a probe that is not judged."""
        return self.probe_ns // _WARM_UP

    @property
    def judged_ns(self) -> int:
        """The part that is."""
        return self.probe_ns - self.warm_ns

    @property
    def most_probes(self) -> int:
        """How many there can be at most."""
        return _MOST_SHORTER * (self.time_ns // self.probe_ns)

    @staticmethod
    def parse(first: str, top: str, probe: str, time: str) -> Knee:
        """Read the options.

        Raises:
            UsageError: they cannot be read, or do not fit each other.
        """
        knee = Knee(
            _rate("--knee-from", first), _rate("--knee-to", top),
            _duration("--knee-probe", probe), _duration("--knee-time", time),
        )  # fmt: skip
        if knee.first >= knee.top:
            raise UsageError(
                f"--knee-from {first} is not below --knee-to {top}",
                "the search begins at the one and ends at the other",
            )
        if knee.probe_ns < _SHORTEST_NS:
            raise UsageError(f"--knee-probe {probe} is too short", "a probe takes 1s at least")
        if knee.time_ns < _FEWEST * knee.probe_ns:
            least = format_duration_ns(_FEWEST * knee.probe_ns)
            raise UsageError(
                f"--knee-time {time} is too short for {_FEWEST} probes of {probe}",
                f"give it {least}, or take shorter probes; 20 probes make a good answer",
            )
        return knee


def _rate(option: str, text: str) -> Fraction:
    try:
        rate = Rate(*parse_rate(text)).per_s(NS_PER_S)
    except ValueError as error:
        raise UsageError(f"{option}: {error}", 'write a rate such as "10/s"') from None
    if rate <= 0:
        raise UsageError(f"{option} {text} is not above 0", 'write a rate such as "10/s"')
    return rate


def _duration(option: str, text: str) -> int:
    try:
        return parse_duration_ns(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def probed(
    loaded: LoadedPlan, knee: Knee, shares: Mapping[str, Fraction], max_vus: int | None
) -> tuple[LoadedPlan, dict[str, str]]:
    """The plan as a search drives it, and the rows that it does not judge, each with why.

    `shares`: of all iterations, by scenario; `max_vus`: that the target allows at most.

    Raises:
        UsageError: there is nothing to search for, or no way to.
    """
    plan = loaded.plan
    _require_rows_without_end(plan)
    whys = {name: _why_not(row) for name, row in plan.benchmarks.items()}
    dropped = {name: why for name, why in whys.items() if why is not None}
    rows = {
        name: replace(row, after_s=0, window_s=None, abort=False)
        for name, row in plan.benchmarks.items()
        if name not in dropped
    }
    if not rows:
        why = "".join(f"; {name}: {why}" for name, why in dropped.items())
        raise UsageError(
            f"the plan has no benchmark row that a rate could break{why}",
            'write one under [benchmarks]: "Requests" = "http_req_duration: p95 < 200ms"',
        )
    most = sum(_most_vus(one) for one in plan.scenarios.values())
    plan = replace(
        plan,
        scenarios={
            name: _driven(scenario, knee, shares[name], most, max_vus)
            for name, scenario in plan.scenarios.items()
        },
        faults=(),
        benchmarks=rows,
    )
    digest, load_digest = (
        hashlib.sha256(f"{one} {knee}".encode()).hexdigest()
        for one in (loaded.digest, loaded.load_digest)
    )
    return replace(loaded, plan=plan, digest=digest, load_digest=load_digest), dropped


def _require_rows_without_end(plan: Plan) -> None:
    for name, feeder in plan.data.items():
        if feeder.pick == "unique":
            raise UsageError(
                f'data.{name} has pick = "unique": its {len(feeder.rows):,} rows would be used up '
                "in the middle of the search",
                f'try --set data.{name}.pick=sequential, or "random"',
            )


def _why_not(row: Requirement) -> str | None:
    if row.metric in OF_FAULTS or any(key in FAULT_DIMENSIONS for key, _ in row.where):
        return "a search for the capacity has no faults"
    if any(key == "stage" for key, _ in row.where):
        return "a search for the capacity has probes instead of stages"
    if row.unit == "per_s":
        return "it is about how much load there is, not about how that fares"
    counts = row.aggregation == "count" or row.kind == "counter"
    if counts and not row.upper and row.operator != "==":
        return "it asks for a number, which only takes time"
    if row.kind == "gauge":
        return "it is about resources over the whole run"
    return None


def _most_vus(scenario: Scenario) -> int:
    """Those of an arrival rate; else what the plan has, but no fewer than such a scenario would."""
    if scenario.executor in ARRIVAL_EXECUTORS:
        return scenario.max_vus
    targets = [one.target for one in scenario.stages if isinstance(one.target, int)]
    return max([scenario.max_vus, scenario.vus or 0, scenario.start_vus, *targets])


def _driven(
    scenario: Scenario, knee: Knee, share: Fraction, together: int, max_vus: int | None
) -> Scenario:
    """The scenario at the first rate; `together`: virtual users that all of them ask for."""
    vus = _most_vus(scenario)
    if max_vus is not None and together > max_vus:
        vus = max(vus * max_vus // together, 1)
    return replace(
        scenario,
        executor="constant-arrival-rate",
        rate=Rate(knee.first * share, NS_PER_S),
        duration=knee.time_ns,
        max_vus=vus,
        arrivals=scenario.arrivals or "poisson",
        on_saturation="drop",
        stages=(),
        vus=None,
        start_vus=0,
        iterations=None,
        start_time=0,
        pace=None,
    )
