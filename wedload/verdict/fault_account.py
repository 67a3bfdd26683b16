"""The faults of a run: what is known of them, from what was recorded. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from wedload.verdict.goodput import Amplification, FaultEffect, ScenarioSeconds, fault_effect
from wedload.verdict.planned_load import by_ends, is_open, planned_load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from wedload.metrics.summary import Summary, Where
    from wedload.metrics.timeline import Timeline
    from wedload.plan.fault_times import FaultSpan
    from wedload.verdict.planned_load import StageOfLoad

_ATTEMPTS: Final = "operation_attempts"


@dataclass(slots=True)
class FaultAccount:
    """The faults of a run and the load that was planned, and what comes of them."""

    faults: Sequence[FaultSpan] = ()
    stages: Sequence[StageOfLoad] = ()
    #: selectors -> effects as of `_as_of`: those who watch ask more often than a second is over
    _known: dict[Where, tuple[FaultEffect, ...]] = field(default_factory=dict)
    _as_of: tuple[Any, ...] = ()  # the seconds, and when less was asked for

    def effects(
        self,
        summary: Summary,
        timeline: Timeline,
        seconds: int,
        idle: Sequence[tuple[float, float]],
        where: Where = (),
    ) -> tuple[FaultEffect, ...]:
        """What came of each fault in so many seconds; without amplification.

        `idle`: when less than the schedule was asked for, s; such seconds say nothing of goodput.
        `where`: selectors of scenarios and workflows. O(faults × scenarios × seconds).
        """
        if not self.faults:
            return ()
        as_of = (seconds, tuple(idle))
        if self._as_of != as_of:
            self._as_of = as_of
            self._known.clear()
        if where not in self._known:
            scenarios = self._scenarios(summary, timeline, seconds, idle, where)
            self._known[where] = tuple(
                fault_effect(one, self.faults, scenarios) for one in self.faults
            )
        return self._known[where]

    def _scenarios(
        self,
        summary: Summary,
        timeline: Timeline,
        seconds: int,
        idle: Sequence[tuple[float, float]],
        where: Where,
    ) -> list[ScenarioSeconds]:
        picked = summary.series_numbers(where)
        asked = np.ones(seconds, bool)
        for begin_s, end_s in idle:
            last = seconds if math.isinf(end_s) else math.ceil(end_s)
            asked[min(math.floor(min(begin_s, seconds)), seconds) : last] = False
        found = []
        for name in dict.fromkeys(one.scenario for one in self.stages):
            good, ended = np.zeros(seconds, np.int64), np.zeros(seconds, np.int64)
            for number in picked:
                series = summary.catalogue.series[number]
                column = timeline.counts.get(("iterations", number))
                if column is not None and series.scenario == name:
                    total = np.array(column.total[:seconds])
                    ended[: len(total)] += total
                    good[: len(total)] += total - np.array(column.yes[:seconds])  # yes: failed
            load = np.where(asked, planned_load(self.stages, name, seconds), 0.0)
            if is_open(self.stages, name):
                load = by_ends(load, ended)
            else:
                load = _of_users(load, timeline.vus_by_second(name, seconds))
            found.append(ScenarioSeconds(good, load))
        return found


def _of_users(
    planned: NDArray[np.float64], active: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """No more than the users that there are: those who have done all their iterations are gone."""
    if active is None:
        return planned
    before = np.concatenate([[0], active[:-1]])
    return np.asarray(np.minimum(planned, np.maximum(active, before)), np.float64)


def with_amplification(effect: FaultEffect, summary: Summary) -> FaultEffect:
    """An effect with how often third parties were asked for the same before, during and after."""

    def of(dimension: str) -> float | None:
        attempts = summary.trend(_ATTEMPTS, ((dimension, effect.name),))
        return attempts.mean_ns if attempts.count else None

    found = Amplification(of("before_fault"), of("fault"), of("after_fault"))
    return replace(effect, amplification=found)
