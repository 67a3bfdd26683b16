"""Goodput of a result by second, and what was to be expected of it under each fault. Pure.

How much was to be expected in a stretch is what the result says; how that is spread over its
seconds is the load that the schedule asked for, scenario by scenario.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.verdict.planned_load import by_ends, is_open, planned_load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.results.faults_model import Fault
    from wedload.results.model import Result

    Good = dict[str, NDArray[np.int64]]
    Loads = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, eq=False)
class GoodputSeconds:
    """Iterations that fared well, and what was to be expected."""

    good: NDArray[np.int64]  # (seconds,)
    #: of each fault with goodput: its name, and what it is held against; (seconds,), NaN: unknown
    expected: tuple[tuple[str, NDArray[np.float64]], ...]


def goodput_of(result: Result) -> GoodputSeconds | None:
    """By second; None without faults, as there is nothing to hold it against."""
    if not result.faults:
        return None
    places = np.array(result.series.second, np.int64)
    length = int(places.max()) + 1 if places.size else 0
    good: Good = {}
    ended: Good = {}
    for one in result.series.rates:
        if one.metric == "workflow_failed" and one.scenario not in OUTSIDE_LOAD:
            seconds = good.setdefault(one.scenario, np.zeros(length, np.int64))
            seconds[places] += np.array(one.total, np.int64) - np.array(one.yes, np.int64)
            ended.setdefault(one.scenario, np.zeros(length, np.int64))[places] += one.total
    whole = sum(good.values(), np.zeros(length, np.int64))
    loads = _loads(result, ended, length)
    expected = ((one.name, _expected(result, one, good, loads, length)) for one in result.faults)
    return GoodputSeconds(whole, tuple(pair for pair in expected if np.isfinite(pair[1]).any()))


def _loads(result: Result, ended: Good, length: int) -> Loads:
    """The load of each scenario, as goodput is held against it."""
    loads: Loads = {}
    for name in {one.scenario for one in result.stages}:
        load = planned_load(result.stages, name, length)
        there = name in ended and is_open(result.stages, name)
        loads[name] = by_ends(load, ended[name]) if there else load
    return loads


def _expected(
    result: Result, fault: Fault, good: Good, loads: Loads, length: int
) -> NDArray[np.float64]:
    """(seconds,); what comes after the load is not known."""
    whole = min(length, math.floor(result.run.duration_s))
    free = np.ones(whole, np.bool_)
    for one in result.faults:
        free[math.floor(one.begin_s) : math.ceil(one.end_s)] = False
    begin, end = min(math.floor(fault.begin_s), whole), min(math.ceil(fault.end_s), whole)
    seconds = np.arange(whole)
    before, after = seconds < begin, seconds >= end
    following = [one.begin_s for one in result.faults if one.begin_s >= fault.end_s]
    told_after = after & free & (seconds < math.floor(min(following, default=whole)))
    # what is told per second is over the seconds in which something is asked for
    asked = np.any(
        [one[:whole] > 0 for one in loads.values()] or [np.ones(whole, np.bool_)], axis=0
    )
    shape = _shape(good, loads, free & before)
    found = np.full(length, np.nan)
    goodput = fault.goodput
    for there, told, per_s in (
        (before, before & free, goodput.before.expected_per_s),
        (~before & ~after, ~before & ~after, goodput.during.expected_per_s),
        (after, told_after, goodput.after.expected_per_s),
    ):
        if per_s is not None and (told & asked).any():
            mean = shape[told & asked].mean()
            found[:whole][there] = per_s * shape[there] / mean if mean else per_s
    return found


def _shape(good: Good, loads: Loads, before: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The load, each scenario as heavy as what came of it before; all of (seconds,)."""
    shape = np.zeros(len(before))
    for scenario, seconds in good.items():
        load = loads.get(scenario, np.zeros(len(before)))[: len(before)]
        if asked := load[before].sum():
            shape += load * (seconds[: len(before)][before].sum() / asked)
    return shape
