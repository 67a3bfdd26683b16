"""Validity: whether a run's numbers can be trusted at all. Pure.

A generator that is busy measures its own waiting; a load that was not reached was not tested.
Each finding is a sentence with its remedy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from wedload.metrics.histogram import Histogram
from wedload.plan.channel_metrics import HEARD
from wedload.plan.dependency_metrics import DEPENDENCY
from wedload.plan.metric_table import METRICS
from wedload.units import NS_PER_MS, format_ms, format_ratio
from wedload.verdict.model import Finding

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wedload.metrics.health_log import HealthLog, HealthRow
    from wedload.metrics.summary import Summary
    from wedload.plan.benchmark import Requirement

BUSY_CPU: Final = 0.9  # of a core
_LAG_SHARE: Final = 0.05  # of the tightest row that is about durations
#: what the probe cannot tell from none: the event loop's timers have a resolution of 1 ms
_LEAST_LAG_NS: Final = 2 * NS_PER_MS
MOST_SECONDS: Final = 0.05  # of all seconds may be worse
#: of a core: a loop that uses no more of it is late as it did not get it when it wanted to
_IDLE_CPU: Final = 0.5
MOST_FILES: Final = 0.9  # of those that a process may have open
_LESS: Final = "lower the load, or spread it over more load processes (--workers auto)"
#: whose times the process that plays third parties takes
_SEEN: Final = frozenset(one.name for one in DEPENDENCY)
#: why iterations were dropped, and what it takes to run them
_NOBODY_FREE: Final = (
    "as no virtual user was free for them or no time was left",
    "more virtual users, or a lower rate",
)
_CAPPED: Final = (
    "as the target's max_rate held those back who were to run them",
    "a higher max_rate, or a lower rate of the plan",
)
_LEAST_LOAD: Final = 0.98  # of the virtual users asked for, times seconds; of the arrivals


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """One load process over a whole run."""

    worker: int
    cpu_max: float
    cpu_avg: float
    loop_lag: Histogram
    memory_max_bytes: int
    gc_longest_ns: int  # pause
    gc_total_ns: int
    open_files_max: int
    open_files_limit: int | None  # None: none

    @property
    def fullness(self) -> float:
        """The share of the files that it may have open."""
        limit = self.open_files_limit
        return 0.0 if limit is None else self.open_files_max / max(limit, 1)


@dataclass(frozen=True, slots=True)
class GeneratorHealth:
    """The load processes over a whole run: of several, the worst."""

    seconds: int  # with health data
    cpu_max: float  # of any process
    cpu_avg: float  # of all processes
    cpu_busy_seconds: int  # in which any was above 90 % of a core
    loop_lag: Histogram  # of all processes
    lag_limit_ns: float | None  # 5 % of the tightest row, 2 ms at least; None without such a row
    lagging_seconds: int  # in which the p99 of any was above the limit …
    lagging_idle_seconds: int  # … and every such process left half of its core unused
    lagging_cpu_max: float  # of any such process in those seconds
    memory_max_bytes: int  # of the largest
    gc_longest_ns: int  # pause of any
    gc_total_ns: int  # of the one with the most
    gc_pausing_seconds: int  # in which a pause of any was above the lag limit
    fullest: ProcessHealth | None  # the process that came nearest to its limit of open files
    processes: tuple[ProcessHealth, ...]
    ears: GeneratorHealth | None = None  # the same of the process that listens to channels
    parties: GeneratorHealth | None = None  # … and of the one that plays third parties


def generator_health(
    log: HealthLog,
    benchmarks: Mapping[str, Requirement],
    *,
    ears: int | None = None,
    parties: int | None = None,
    within_ms: float | None = None,
) -> GeneratorHealth:
    """Sum up the health of the load processes, that of process `ears`, and that of `parties`.

    A second is bad if it was for any of them: its samples are mixed with those of the others. Each
    is held to the rows whose times it takes: those of channels' messages are stamped by the ears,
    for which a row over what is delivered in time is one over the deadline, `within_ms` at least.
    What third parties take is part of what the load takes, too: their process is held to both.
    """
    of_ears = [row for row in benchmarks.values() if row.metric in HEARD]
    of_parties = [row for row in benchmarks.values() if row.metric not in HEARD]
    others = [row for row in of_parties if row.metric not in _SEEN]
    found = _health(log, [row for row in log.rows if row.worker not in {ears, parties}], others)
    heard = [row for row in log.rows if row.worker == ears]
    deadline_ms = within_ms if any(row.unit != "ms" for row in of_ears) else None
    if heard:
        found = replace(found, ears=_health(log, heard, of_ears, deadline_ms))
    played = [row for row in log.rows if row.worker == parties]
    return replace(found, parties=_health(log, played, of_parties)) if played else found


def _health(
    log: HealthLog,
    rows: Sequence[HealthRow],
    benchmarks: Iterable[Requirement],
    deadline_ms: float | None = None,
) -> GeneratorHealth:
    """What the rows, which are all of some processes, come to."""
    times_ms = [
        row.threshold for row in benchmarks
        # a lag is in both of what differences are of
        if row.unit == "ms" and row.threshold > 0 and METRICS[row.metric].of != "difference"
    ]  # fmt: skip
    tightest = min(times_ms if deadline_ms is None else [*times_ms, deadline_ms], default=None)
    limit_ns = None if tightest is None else max(tightest * NS_PER_MS * _LAG_SHARE, _LEAST_LAG_NS)
    late = [row for row in rows if limit_ns is not None and row.lag_p99_ns > limit_ns]
    processes = tuple(
        _process_health(log, worker) for worker in sorted({row.worker for row in rows})
    )
    return GeneratorHealth(
        seconds=len({row.second for row in rows}),
        cpu_max=max((one.cpu_max for one in processes), default=0.0),
        cpu_avg=sum(one.cpu_avg for one in processes) / len(processes) if processes else 0.0,
        cpu_busy_seconds=len({row.second for row in rows if row.cpu_ratio > BUSY_CPU}),
        loop_lag=Histogram.merge(one.loop_lag for one in processes),
        lag_limit_ns=limit_ns,
        lagging_seconds=len({row.second for row in late}),
        lagging_idle_seconds=len(
            {row.second for row in late} - {row.second for row in late if _held_up(row, limit_ns)}
        ),
        lagging_cpu_max=max((row.cpu_ratio for row in late), default=0.0),
        memory_max_bytes=max((one.memory_max_bytes for one in processes), default=0),
        gc_longest_ns=max((one.gc_longest_ns for one in processes), default=0),
        gc_total_ns=max((one.gc_total_ns for one in processes), default=0),
        gc_pausing_seconds=len(
            {row.second for row in rows if limit_ns is not None and row.gc_longest_ns > limit_ns}
        ),
        fullest=max(processes, key=lambda one: one.fullness, default=None),
        processes=processes,
    )


def _process_health(log: HealthLog, worker: int) -> ProcessHealth:
    rows = [row for row in log.rows if row.worker == worker]
    return ProcessHealth(
        worker,
        cpu_max=max(row.cpu_ratio for row in rows),
        cpu_avg=sum(row.cpu_ratio for row in rows) / len(rows),
        loop_lag=log.loop_lag(worker),
        memory_max_bytes=max(row.memory_bytes for row in rows),
        gc_longest_ns=max(row.gc_longest_ns for row in rows),
        gc_total_ns=sum(row.gc_total_ns for row in rows),
        open_files_max=max(row.open_files for row in rows),
        open_files_limit=rows[-1].open_files_limit,
    )


def _held_up(row: HealthRow, limit_ns: float | None) -> bool:
    """Whether a process whose loop was late may have been held up by work of its own."""
    return row.cpu_ratio > _IDLE_CPU or (limit_ns is not None and row.gc_longest_ns > limit_ns)


def generator_findings(health: GeneratorHealth) -> Iterable[Finding]:
    """What is wrong with the generator."""
    allowed = health.seconds * MOST_SECONDS
    if health.cpu_busy_seconds > allowed:
        yield Finding(
            "generator-cpu",
            f"{_who(health)} used more than {format_ratio(BUSY_CPU)} of its core in "
            f"{health.cpu_busy_seconds} of {health.seconds} seconds, so its times are its own; "
            "lower the load, spread it over more load processes (--workers auto), or give it a "
            "faster or less busy machine.",
        )
    if health.lag_limit_ns is not None and health.lagging_seconds > allowed:
        yield Finding(
            "generator-lag",
            f"{_who(health)}'s event loop lagged (p99 over {_ms(health.lag_limit_ns)}, which is "
            "too much for the tightest row) in "
            f"{health.lagging_seconds} of {health.seconds} seconds, {why_late(health, _LESS)}.",
        )
    if health.lag_limit_ns is not None and health.gc_pausing_seconds > allowed:
        yield Finding(
            "generator-gc",
            f"{_who(health)} stood still for garbage collections of up to "
            f"{_ms(health.gc_longest_ns)}, over {_ms(health.lag_limit_ns)} in "
            f"{health.gc_pausing_seconds} of {health.seconds} seconds; capture less of large "
            "responses, or spread the load over more load processes (--workers auto).",
            invalidates=False,
        )
    fullest = health.fullest
    if fullest is not None and fullest.fullness > MOST_FILES:
        yield Finding(
            "open-files",
            f"{_who(health)} had {fullest.open_files_max:,} of at most "
            f"{fullest.open_files_limit:,} files open; a few more and connections fail: raise the "
            "limit (ulimit -n), or spread the load over more load processes (--workers auto).",
            invalidates=False,
        )


def why_late(health: GeneratorHealth, remedy: str) -> str:
    """What held the loop up; `remedy` is for work of its own, for that of others there is one."""
    cpu = format_ratio(health.lagging_cpu_max)
    if 2 * health.lagging_idle_seconds > health.lagging_seconds:
        return (
            f"though it used {cpu} of its core then at most: other work kept the machine busy; "
            "free it of that, run longer (5 % of the seconds may be so), or loosen the tightest row"
        )
    return f"in which it used up to {cpu} of its core; {remedy}"


def _who(health: GeneratorHealth) -> str:
    return "The generator" if len(health.processes) < 2 else "A load process"


def load_findings(
    asked: Mapping[str, float], missing: Mapping[str, float], ended_early: Collection[str] = ()
) -> Iterable[Finding]:
    """Whether the load asked for was there, by scenario.

    Either is in virtual users times seconds, or in arrivals; what is missing started late for
    reasons of the generator's own. Scenarios that `ended_early` did not ask for all of theirs.
    """
    for scenario, load in asked.items():
        if scenario in ended_early:
            continue
        reached = 1 - missing.get(scenario, 0.0) / load if load else 1.0
        if reached < _LEAST_LOAD:
            yield Finding(
                "load-not-reached",
                f"Only {format_ratio(max(reached, 0))} of the load that scenario {scenario} asks "
                "for was there in time, as the generator was late; lower the load, or free the "
                "machine of other work.",
            )


def dropped_findings(summary: Summary, *, capped: bool = False) -> Iterable[Finding]:
    """Iterations that were due and never ran: no row is about what they would have been.

    `capped`: it was the target's highest rate that kept them.
    """
    why, takes = _CAPPED if capped else _NOBODY_FREE
    for scenario in dict.fromkeys(one.scenario for one in summary.catalogue.series):
        where = (("scenario", scenario),)
        ran = summary.count("iterations", where) + summary.count("interrupted_iterations", where)
        dropped = summary.count("dropped_iterations", where)
        if dropped:
            yield Finding(
                "dropped",
                f"{dropped:,} of {ran + dropped:,} iterations of scenario {scenario} were dropped "
                f"({format_ratio(dropped / (ran + dropped))}), {why}; the rows are about the rest. "
                f"For all of them it takes {takes}.",
                invalidates=False,
            )


def _ms(duration_ns: float) -> str:
    return format_ms(duration_ns / NS_PER_MS)
