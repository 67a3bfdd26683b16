"""What an analysis is to explain: steps whose benchmark rows were missed, else all. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.results.steps import step_labels

if TYPE_CHECKING:
    from collections.abc import Collection

    from wedload.analysis.course import Course, StepKey
    from wedload.results.model import Benchmark, Result

#: growth that nobody notices, ms, where no row says what is demanded
_UNNOTICED_MS: Final = 50.0
#: the same of a run that missed a row about durations: then less is worth naming
_LEAST_MS: Final = 10.0
#: share of what the tightest row allows that a growth has to take to be worth naming
_OF_ALLOWED: Final = 0.25


@dataclass(frozen=True, slots=True)
class Focus:
    """The requests to explain, and what is demanded of them."""

    steps: frozenset[StepKey] | None  # None: all of them
    words: str  # as a sentence begins: `search suppliers`, `a request`
    missed: tuple[Benchmark, ...]  # rows about durations
    allowed_ms: float | None  # by the tightest row about them; None: no row says
    floor_ms: float  # growth of a mean that is worth naming


def focus_of(result: Result, course: Course, low: Collection[int] | None = None) -> Focus:
    """By the rows about durations: of requests, of workflows and of what is like them.

    `low` are seconds of the lowest load: if some rows, but not all, are missed in those already, it
    is about these alone. What else is missed at a higher load has them before it in all queues.
    """
    rows = [one for one in result.benchmarks if one.metric in _TIMED and one.status in _DECIDED]
    missed = tuple(one for one in rows if one.status == "missed" and _steps(one, result, course))
    if low is not None:
        missed = tuple(one for one in missed if _from_start(one, result, course, low)) or missed
    steps = frozenset(key for one in missed for key in _steps(one, result, course))
    about = [one for one in missed or rows if one.metric in _OF_REQUESTS]
    allowed = [ms for one in about if (ms := _allowed_ms(one)) is not None]
    tightest = min(allowed, default=None)
    if missed:
        floor = _LEAST_MS
    elif tightest is not None:
        floor = max(tightest * _OF_ALLOWED, _LEAST_MS)
    else:
        floor = _UNNOTICED_MS
    everything = not steps or steps >= course.steps.keys()
    words = _words(steps, course) if steps else "a request"
    return Focus(None if everything else steps, words, missed, tightest, floor)


def _from_start(row: Benchmark, result: Result, course: Course, low: Collection[int]) -> bool:
    allowed = _allowed_ms(row) if row.metric in _OF_REQUESTS else None
    p95 = course.p95_ms(low, _steps(row, result, course))
    return allowed is not None and p95 is not None and p95 >= allowed


_DECIDED: Final = frozenset({"met", "missed"})
#: of one request, and so comparable with what it took
_OF_REQUESTS: Final = frozenset(
    {"http_req_duration", "http_req_waiting", "response_time", "sql_query_duration", "ws_duration"}
)
#: and what is made of requests
_TIMED: Final = _OF_REQUESTS | {"workflow_duration", "iteration_duration", "group_duration"}


def _steps(row: Benchmark, result: Result, course: Course) -> set[StepKey]:
    """Steps that a row is about; of one about workflows, theirs."""
    places = [result.series.trends[at] for at in row.series if at < len(result.series.trends)]
    about = [one for one in places if one.metric == row.metric]
    if not about:  # not kept by second: by its own words
        return {key for key in course.steps if _selected(row, key)}
    return {
        key
        for key in course.steps
        for one in about
        if key[0] == one.scenario and one.workflow in {None, key[1]} and one.step in {None, key[2]}
    }


def _selected(row: Benchmark, key: StepKey) -> bool:
    if not row.where.keys() <= {"scenario", "workflow", "step", "stage"}:
        return False
    return all(
        row.where.get(name, value) == value
        for name, value in zip(("scenario", "workflow", "step"), key, strict=True)
    )


def _allowed_ms(row: Benchmark) -> float | None:
    """The threshold: the margin is the share of it that is left."""
    if row.observed is None or row.margin is None or row.margin >= 1:
        return None
    return row.observed / (1 - row.margin)


def _words(steps: frozenset[StepKey], course: Course) -> str:
    labels = dict(
        zip(
            course.steps,
            step_labels([(one[0], one[1], one[2] or "") for one in course.steps]),
            strict=True,
        )
    )
    named = [label for key, label in labels.items() if key in steps]
    if len(named) == 1:
        return f"“{named[0]}”"
    if len(named) == 2:
        return f"a request of “{named[0]}” or “{named[1]}”"
    return "a request"
