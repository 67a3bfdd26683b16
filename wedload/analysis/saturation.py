"""Resources that came to their limit: which, when, and at what load. Pure.

A resource is at its limit from 90 % of its capacity on: whatever it does then takes ten times as
long as if nobody queued before it (M/M/1 at 0.9), and a sample a second hides bursts up to the
whole. It has to stay there for five seconds in a row: all machines have shorter bursts. A sample
stands for the time since the one before it, so that this holds whatever `every` is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.results.analysis_model import Saturated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from wedload.analysis.course import Course
    from wedload.results.model import Result
    from wedload.results.resources_model import Resource, ResourceFigures

FULL: Final = 0.9
_SUSTAINED_S: Final = 5
#: what slows nothing by being full, as memory, which caches fill; or says the same as another one:
#: `cpu_share` is `cpu` by cores, and load averages count what waits for them
_NOT_ASKED: Final = frozenset({"memory", "load", "cpu_share"})
#: CPU of a process whose code runs on one core at a time, as that of an event loop or under a
#: global lock: it stays there, and gets little above, by what its libraries do beside it
_ONE_CORE: Final = (0.9, 1.2)


def saturated_of(result: Result, course: Course) -> list[Saturated]:
    """In the order in which they came to it."""
    found = []
    for resource in result.resources:
        for one in resource.figures:
            made = _saturated(result, course, resource, one)
            if made is not None:
                found.append(made)
    return sorted(found, key=lambda one: one.at_s)


def _saturated(
    result: Result, course: Course, resource: Resource, figures: ResourceFigures
) -> Saturated | None:
    if figures.quantity in _NOT_ASKED or not figures.capacity:
        return None
    values = np.array([np.nan if v is None else v for v in figures.by_second], np.float64)
    if (at := _sustained(values / figures.capacity, FULL)) is not None:
        level, one_core = values / figures.capacity, False
    elif _is_one_core(resource, figures) and (at := _one_core_from(values)) is not None:
        level, one_core = values, True
    else:
        return None
    second = int(result.series.second[at]) if at < len(result.series.second) else at
    here = slice(second, second + _SUSTAINED_S)
    requests = sum((one.count for one in course.steps.values()), np.zeros(course.seconds))
    after = level[at:]
    full = after[after >= FULL]
    return Saturated(
        resource=resource.name, quantity=figures.quantity, at_s=float(second),
        level=round(float(full.mean()), 4),
        rate_per_s=round(float(requests[here].mean()), 2) if requests[here].size else 0.0,
        vus=round(float(course.vus[here].mean()), 1) if course.vus[here].size else 0.0,
        one_core=one_core,
    )  # fmt: skip


def _sustained(levels: NDArray[np.float64], least: float) -> int | None:
    """Where the first stretch begins in which all samples are that high; None: there is none.

    levels: by second, NaN where nothing was sampled. One sample that is missing ends no stretch.
    """
    sampled = np.flatnonzero(~np.isnan(levels))
    if sampled.size < 2:
        return None
    every = int(np.median(np.diff(sampled)))
    begin = before = -1  # none is under way
    for place in sampled.tolist():
        if levels[place] < least:
            begin = -1
            continue
        if begin >= 0 and place - before <= 2 * every:
            if place - begin + 1 >= _SUSTAINED_S:
                return begin
        else:
            begin = max(place - every + 1, 0)
        before = place
    return None


def _is_one_core(resource: Resource, figures: ResourceFigures) -> bool:
    """CPU of a process that is one only, on several cores."""
    processes = [one.max for one in resource.figures if one.quantity == "processes"]
    alone = all(most is None or most <= 1 for most in processes)
    several = (figures.capacity or 0) >= 1.5
    return resource.kind == "process" and figures.quantity == "cpu" and alone and several


def _one_core_from(values: NDArray[np.float64]) -> int | None:
    """From when on it stays at one core; None: it does not, or it gets beyond."""
    low, high = _ONE_CORE
    if np.nanmax(values, initial=0.0) > high:
        return None
    return _sustained(values, low)
