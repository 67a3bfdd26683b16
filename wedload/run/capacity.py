"""A search for the capacity, carried out: probes are ordered, watched, cut, drained and judged.

Which rate comes next, and what all of it says, is wedload.capacity's business.
"""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from wedload.capacity.judging import Stretch, beyond_doubt, judged, rows_in
from wedload.capacity.outcome import capacity_of, probe_line, rate_words
from wedload.capacity.search import Search
from wedload.fleet.messages import Probe
from wedload.metrics.all_steps import all_outcomes
from wedload.plan.knee import probed
from wedload.plan.targets import choose_target
from wedload.report.explain import estimate_scenario
from wedload.results.run import StageSpan
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import Settings, compile_workload

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.fleet.port import Fleet
    from wedload.plan.benchmark import Requirement
    from wedload.plan.knee import Knee
    from wedload.plan.loader import LoadedPlan
    from wedload.report.view import RunView
    from wedload.results.capacity_model import Capacity
    from wedload.run.stopping import Stopping

_LOOK_S: Final = 0.25  # load processes tell that often
#: a probe is not cut before so much of it, and so long, has been judged
_LEAST_DONE: Final = 0.25
_LEAST_DONE_S: Final = 1.0
#: what a load process has told of its last quarter second must be there
_TOLD_S: Final = 0.5
#: how long the queue of a probe may take to drain before the next begins all the same
_DRAIN_S: Final = 60.0


def plan_of_search(
    loaded: LoadedPlan, knee: Knee, target: str | None
) -> tuple[LoadedPlan, dict[str, str]]:
    """The plan as a search drives it, and the rows that it does not judge, each with why.

    Several scenarios share the rate in proportion to the iterations that the plan asks for, or for
    virtual users those that can be expected of them.

    Raises:
        UsageError: there is no such target, or nothing to search for.
    """
    name, chosen = choose_target(loaded.plan, target)
    workload = compile_workload(loaded.plan, Settings(name, "http://127.0.0.1"))
    expected = {
        one.name: Fraction(estimate_scenario(loaded.plan, one).iterations).limit_denominator(10**6)
        for one in workload.scenarios
    }
    whole = sum(expected.values())
    shares = {
        name: many / whole if whole else Fraction(1, len(expected))
        for name, many in expected.items()
    }
    return probed(loaded, knee, shares, chosen.max_vus)


class CapacitySearch:
    """One search, beside the load that it orders."""

    def __init__(
        self,
        knee: Knee,
        view: RunView,
        stopping: Stopping,
        notify: Callable[[str], None],
        elapsed_s: Callable[[], float],
    ) -> None:
        self._knee = knee
        self._view = view
        self._rows: Mapping[str, Requirement] = dict(view.benchmarks)
        self._stopping = stopping
        self._notify = notify
        self._elapsed_s = elapsed_s
        self._search = Search(float(knee.first), float(knee.top))
        self._stretches: list[Stretch] = []
        first = {one.name: one.schedule.level_at(0) for one in view.workload.scenarios}
        self._shares = {
            name: Fraction(rate).limit_denominator(10**9) / knee.first
            for name, rate in first.items()
        }

    async def run(self, fleet: Fleet) -> None:
        """Probe until there is no more to find out, no more time, or the load is ended."""
        length_s = self._knee.probe_ns / NS_PER_S
        time_s = self._knee.time_ns / NS_PER_S
        while len(self._stretches) < self._knee.most_probes and not self._ended:
            rate = self._search.next_rate()
            if rate is None or self._elapsed_s() + length_s + _TOLD_S > time_s:
                break
            await self._probe(fleet, rate)
        self._view.doing = ""
        fleet.end_probes()

    def finish(self) -> Capacity:
        """What is known now; the benchmark table is then about the probe that held best."""
        requests = [self._requests_per_s(one) for one in self._stretches]
        for place, stretch in enumerate(self._stretches):  # with what came late
            self._search.seen[place] = judged(self._view.collected, self._rows, stretch)
        best = self._search.best
        if best is None and self._stretches:
            best = min(range(len(self._stretches)), key=lambda one: self._stretches[one].rate)
        if best is not None:
            shown = self._stretches[best]
            self._show(shown.number)
            health = self._view.timeline.health
            seconds = range(int(shown.begin_s), int(shown.end_s) + 1)
            self._view.timeline.health = health.during(seconds)
        return capacity_of(self._search, self._stretches, requests)

    def spans(self) -> tuple[StageSpan, ...]:
        """The probes as stages of each scenario."""
        return tuple(
            StageSpan(
                scenario, one.name, one.begin_s, one.end_s, None, None,
                float(one.rate * share), float(one.rate * share),
            )
            for scenario, share in self._shares.items()
            for one in self._stretches
        )  # fmt: skip

    # --- a probe ----------------------------------------------------------------------------

    @property
    def _ended(self) -> bool:
        return self._stopping.stopped_load

    async def _probe(self, fleet: Fleet, rate: float) -> None:
        knee, number = self._knee, len(self._stretches) + 1
        exact = Fraction(str(rate))
        rates = {name: exact * share for name, share in self._shares.items()}
        self._show(number)
        self._view.doing = f"probe {number}: {rate_words(rate)} it/s"
        begin_s = self._elapsed_s() + knee.warm_ns / NS_PER_S
        whole = Stretch(number, rate, begin_s, begin_s + knee.judged_ns / NS_PER_S)
        fleet.probe(Probe(number, rates, knee.warm_ns, knee.judged_ns))
        stretch = await self._watched(whole)
        if stretch.cut:
            fleet.cut_probe()
        await self._drained(number)
        if self._ended:
            return  # not all of it, or not all that it caused
        self._stretches.append(stretch)
        self._search.seen.append(judged(self._view.collected, self._rows, stretch))
        self._notify(probe_line(self._search.seen[-1], stretch))

    async def _watched(self, stretch: Stretch) -> Stretch:
        """The probe as it went: whole, or cut when it was certain to break a row by far."""
        length_s = stretch.end_s - stretch.begin_s
        while (now_s := self._elapsed_s()) < stretch.end_s and not self._ended:
            await asyncio.sleep(min(_LOOK_S, stretch.end_s - now_s))
            done_s = self._elapsed_s() - stretch.begin_s
            if done_s < max(_LEAST_DONE * length_s, _LEAST_DONE_S) or done_s >= length_s - _LOOK_S:
                continue
            summary = self._view.summary
            if beyond_doubt(summary, self._rows, stretch.number, done_s / length_s):
                end_s = self._elapsed_s()
                return Stretch(stretch.number, stretch.rate, stretch.begin_s, end_s, cut=True)
        return stretch

    async def _drained(self, number: int) -> None:
        """Until nobody is under way any more, and all is told."""
        self._view.doing = f"probe {number}: draining"
        until_s = self._elapsed_s() + _DRAIN_S
        await asyncio.sleep(_TOLD_S)
        while self._view.timeline.active_vus() and not self._ended:
            if self._elapsed_s() >= until_s:
                break
            await asyncio.sleep(_LOOK_S)

    # --- what is shown ----------------------------------------------------------------------

    def _show(self, number: int) -> None:
        """Have the benchmark table be about one probe."""
        self._view.collected.benchmarks = rows_in(self._rows, number)

    def _requests_per_s(self, stretch: Stretch) -> float:
        outcomes = all_outcomes(self._view.summary, (("stage", stretch.name),))
        return outcomes.total() / max(stretch.end_s - stretch.begin_s, 1e-9)
