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
from wedload.verdict.planned_load import planned_load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.results.faults_model import Fault
    from wedload.results.model import Result

    Good = dict[str, NDArray[np.int64]]


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
    for one in result.series.rates:
        if one.metric == "workflow_failed" and one.scenario not in OUTSIDE_LOAD:
            seconds = good.setdefault(one.scenario, np.zeros(length, np.int64))
            seconds[places] += np.array(one.total, np.int64) - np.array(one.yes, np.int64)
    whole = sum(good.values(), np.zeros(length, np.int64))
    expected = ((one.name, _expected(result, one, good, length)) for one in result.faults)
    return GoodputSeconds(whole, tuple(pair for pair in expected if np.isfinite(pair[1]).any()))


def _expected(result: Result, fault: Fault, good: Good, length: int) -> NDArray[np.float64]:
    begin, end = min(math.floor(fault.begin_s), length), min(math.ceil(fault.end_s), length)
    shape = _shape(result, good, begin, length)
    found = np.full(length, np.nan)
    goodput = fault.goodput
    for first, last, per_s in (
        (0, begin, goodput.before.expected_per_s),
        (begin, end, goodput.during.expected_per_s),
        (end, length, goodput.after.expected_per_s),
    ):
        if per_s is not None and first < last:
            mean = shape[first:last].mean()
            found[first:last] = per_s * shape[first:last] / mean if mean else per_s
    return found


def _shape(result: Result, good: Good, begin: int, length: int) -> NDArray[np.float64]:
    """The load, each scenario as heavy as what came of it before a second; (seconds,)."""
    shape = np.zeros(length)
    for scenario, seconds in good.items():
        load = planned_load(result.stages, scenario, length)
        before = load[:begin].sum()
        if before:
            shape += load * (seconds[:begin].sum() / before)
    return shape
