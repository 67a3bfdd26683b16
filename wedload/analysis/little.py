"""Little's law as a check of the measurement: L = X R, where L was measured apart from X R. Pure.

The requests under way of a level are X R by definition, so they check nothing. But virtual users
are counted by the schedule, once a second, and each is in an iteration all the time: how many there
are, how many iterations end in a second, and how long those take, are measured by three different
hands. Where samples are lost, clocks are wrong or the generator dawdles, they disagree.
Source: J. Little, Operations Research 9 (1961), 383-387.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.results.analysis_model import Little
from wedload.results.figures_model import TrendFigures

if TYPE_CHECKING:
    from wedload.results.model import Result, Stage

_ALLOWED: Final = 0.05
#: iterations that a virtual user has to do in a stage: the ones that its ends cut are one of them
_LEAST_ITERATIONS: Final = 20


def little_of(result: Result) -> Little | str:
    """The check over the longest stage that holds, or why there is none."""
    scenarios = {one.scenario for one in result.stages} - OUTSIDE_LOAD
    if len(scenarios) != 1:
        return (
            "virtual users are counted over all scenarios, so only a plan with one can be checked"
        )
    if any(one.target_rate is not None for one in result.stages):
        return (
            "iterations arrive on a beat, and so do the samples of how many are under way: "
            "only a load of virtual users can be checked"
        )
    if any("iteration_lateness" in one.metrics for one in result.stages):
        return "with a pace virtual users rest between iterations, and nobody measures how long"
    holding = [one for one in result.stages if one.start_vus == one.target_vus != 0]
    holding = [one for one in holding if one.end_s <= len(result.series.second)]
    if not holding:
        return "no stage holds the same number of virtual users to its end"
    return _checked(result, max(holding, key=lambda one: one.end_s - one.begin_s))


def _checked(result: Result, stage: Stage) -> Little | str:
    took = stage.metrics.get("iteration_duration")
    if not isinstance(took, TrendFigures) or not took.avg:
        return "no iteration came to its end while a stage held"
    middles = np.array(result.series.second) + 0.5
    inside = (middles >= stage.begin_s) & (middles < stage.end_s)
    ended = sum(
        (
            np.array(one.count, np.float64)
            for one in result.series.counters
            if one.metric == "iterations" and one.scenario == stage.scenario
        ),
        np.zeros(inside.size),
    )
    seconds = int(inside.sum())
    if seconds * 1000 < _LEAST_ITERATIONS * took.avg:
        return (
            f"a virtual user did {seconds * 1000 / took.avg:.0f} iterations in the longest stage "
            f"that holds; {_LEAST_ITERATIONS} are needed, as its ends cut one"
        )
    vus = float(np.array(result.series.vus, np.float64)[inside].mean())
    if not vus:
        return "no virtual user was active while a stage held"
    per_s = float(ended[inside].sum()) / seconds
    error = per_s * took.avg / 1000 / vus - 1
    return Little(
        stage=stage.stage, in_flight=round(vus, 3), rate_per_s=round(per_s, 4),
        mean_ms=round(took.avg, 4), error_ratio=round(error, 5), holds=abs(error) <= _ALLOWED,
    )  # fmt: skip
