"""Validity: whether a run's numbers can be trusted at all. Pure.

A generator that is busy measures its own waiting; a load that was not reached was not tested.
Each finding is a sentence with its remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.metrics.histogram import Histogram
from wedload.units import NS_PER_MS, format_ms
from wedload.verdict.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wedload.metrics.snapshot import Health
    from wedload.plan.benchmark import Requirement

_MOST_CPU: Final = 0.9  # of a core
_LAG_SHARE: Final = 0.05  # of the tightest row that is about durations
#: what the probe cannot tell from none: the event loop's timers have a resolution of 1 ms
_LEAST_LAG_NS: Final = 2 * NS_PER_MS
_MOST_SECONDS: Final = 0.05  # of all seconds may be worse
_LEAST_LOAD: Final = 0.98  # of the virtual users asked for, times seconds; of the arrivals


@dataclass(frozen=True, slots=True)
class GeneratorHealth:
    """The load processes over a whole run."""

    seconds: int  # of health data, all load processes together
    cpu_max: float
    cpu_avg: float
    cpu_busy_seconds: int  # above 90 % of a core
    loop_lag: Histogram
    lag_limit_ns: float | None  # 5 % of the tightest row, 2 ms at least; None without such a row
    lagging_seconds: int  # whose p99 is above the limit
    memory_max_bytes: int


def generator_health(
    health: Sequence[Health], benchmarks: Mapping[str, Requirement]
) -> GeneratorHealth:
    """Sum up the health of the load processes."""
    tightest = min(
        (row.threshold for row in benchmarks.values() if row.unit == "ms" and row.threshold > 0),
        default=None,
    )
    limit_ns = None if tightest is None else max(tightest * NS_PER_MS * _LAG_SHARE, _LEAST_LAG_NS)
    cpu = [one.cpu_ratio for one in health]
    return GeneratorHealth(
        seconds=len(health),
        cpu_max=max(cpu, default=0.0),
        cpu_avg=sum(cpu) / len(cpu) if cpu else 0.0,
        cpu_busy_seconds=sum(ratio > _MOST_CPU for ratio in cpu),
        loop_lag=Histogram.merge(one.loop_lag for one in health),
        lag_limit_ns=limit_ns,
        lagging_seconds=sum(
            limit_ns is not None
            and one.loop_lag.count > 0
            and one.loop_lag.quantile_ns(0.99) > limit_ns
            for one in health
        ),
        memory_max_bytes=max((one.memory_bytes for one in health), default=0),
    )


def generator_findings(health: GeneratorHealth) -> Iterable[Finding]:
    """What is wrong with the generator."""
    allowed = health.seconds * _MOST_SECONDS
    if health.cpu_busy_seconds > allowed:
        yield Finding(
            "generator-cpu",
            f"The generator used more than {_MOST_CPU:.0%} of its core in "
            f"{health.cpu_busy_seconds} of {health.seconds} seconds, so its times are its own; "
            "lower the load, or give it a faster or less busy machine.",
        )
    if health.lag_limit_ns is not None and health.lagging_seconds > allowed:
        yield Finding(
            "generator-lag",
            f"The generator's event loop lagged (p99 over {_ms(health.lag_limit_ns)}, which is too "
            f"much for the tightest row) in {health.lagging_seconds} of {health.seconds} seconds; "
            "lower the load, or free the machine of other work.",
        )


def load_findings(asked: Mapping[str, float], missing: Mapping[str, float]) -> Iterable[Finding]:
    """Whether the load asked for was there, by scenario.

    Either is in virtual users times seconds, or in arrivals; what is missing started late for
    reasons of the generator's own.
    """
    for scenario, load in asked.items():
        reached = 1 - missing.get(scenario, 0.0) / load if load else 1.0
        if reached < _LEAST_LOAD:
            yield Finding(
                "load-not-reached",
                f"Only {max(reached, 0):.1%} of the load that scenario {scenario} asks for was "
                "there in time, as the generator was late; lower the load, or free the machine of "
                "other work.",
            )


def _ms(duration_ns: float) -> str:
    return format_ms(duration_ns / NS_PER_MS)
