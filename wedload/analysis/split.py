"""Whose time a response is: its mean split by service and operation, in any slots of the run. Pure.

Three sources, the best that there is: spans of traced requests; what responses say by
`Server-Timing`; how long third parties that wedload plays took to answer. Each step is taken for
itself and then weighted by how often it was requested, not by how often it was traced: so the mix
of a sample changes nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from wedload.metrics import codec
from wedload.results.dependencies import DURATION
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from wedload.analysis.course import Course, StepKey
    from wedload.analysis.stretches import Slots
    from wedload.results.analysis_model import SplitSource
    from wedload.results.model import Result
    from wedload.results.traces_model import ServerTiming, SpanSlot, TracedSlot, Traces

#: what is not within the spans that were told of, by source
REST: Final[dict[str, str]] = {
    "traces": "network and queues before it",
    "server-timing": "network, queues and what is not told",
    "dependencies": "the platform itself, network and queues",
}
#: the entry of Server-Timing that is no part but the whole
_WHOLE: Final = "total"


class PartKey(NamedTuple):
    """Whose part it is."""

    service: str
    operation: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Means per request, in ms, for one set of weights or for many: (…) is their shape."""

    mean_ms: NDArray[np.float64]  # (…,)
    parts_ms: NDArray[np.float64]  # (keys, …); the last key is the rest


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """What a source tells, by step and slot."""

    source: SplitSource
    keys: tuple[PartKey, ...]  # the last one is the rest
    steps: tuple[StepKey | None, ...]  # None: all together
    told: NDArray[np.float64]  # (steps, slots) traces, or responses that told
    inner_ms: NDArray[np.float64]  # (steps, slots) sums of what all parts together took
    parts_ms: NDArray[np.float64]  # (steps, keys - 1, slots) sums
    work_ms: NDArray[np.float64]  # (steps, keys - 1, slots) sums of self times, overlapping or not
    requests: NDArray[np.float64]  # (steps, slots)
    total_ms: NDArray[np.float64]  # (steps, slots) sums of durations
    home: str | None  # the service that requests come to

    def rows(self, steps: Collection[StepKey] | None) -> NDArray[np.int64]:
        """Places of steps; None: of all."""
        wanted = [
            at for at, one in enumerate(self.steps) if steps is None or one is None or one in steps
        ]
        return np.array(wanted, np.int64)

    def told_in(self, slots: Iterable[int], rows: NDArray[np.int64]) -> int:
        """Traces, or responses that told, in slots."""
        return int(self.told[np.ix_(rows, np.array(list(slots), np.int64))].sum())

    def means(self, weights: NDArray[np.float64], rows: NDArray[np.int64]) -> Parts:
        """Mean parts of a request; `weights` of slots: (slots,) or (slots, resamples).

        Steps of which nothing is told there are left out.
        """
        told, requests = self.told[rows] @ weights, self.requests[rows] @ weights
        known = (told > 0) & (requests > 0)
        counted = np.where(known, requests, 0.0)
        all_requests = counted.sum(axis=0)
        share = _ratio(counted, all_requests)  # (steps, …)
        per_told = _ratio(share, np.where(known, told, 0.0))
        mean = (share * _ratio(self.total_ms[rows] @ weights, requests)).sum(axis=0)
        inner = (per_told * (self.inner_ms[rows] @ weights)).sum(axis=0)
        parts = np.einsum("s...,sk...->k...", per_told, self.parts_ms[rows] @ weights)
        rest = np.maximum(mean - inner, 0.0)
        return Parts(mean, np.concatenate([parts, rest[None]]))

    def work(self, weights: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean self times of a request, ms, (keys - 1,): what the parts did, also side by side."""
        told, requests = self.told[rows] @ weights, self.requests[rows] @ weights
        known = (told > 0) & (requests > 0)
        counted = np.where(known, requests, 0.0)
        per_told = _ratio(counted / max(counted.sum(), 1.0), np.where(known, told, 0.0))
        found: NDArray[np.float64] = np.einsum("s,sk->k", per_told, self.work_ms[rows] @ weights)
        return found


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Their ratio; 0 where there is nothing below."""
    below = np.broadcast_to(below, np.broadcast_shapes(above.shape, below.shape))
    return np.divide(above, below, out=np.zeros(below.shape), where=below > 0)


def split_of(result: Result, course: Course, slots: Slots) -> Split | None:
    """By the best source that there is; None: nothing tells."""
    traces = result.traces
    if traces is not None and traces.operations and traces.steps:
        return _by_traces(traces, course, slots)
    if traces is not None and traces.server_timing:
        return _by_server_timing(traces.server_timing, course, slots)
    if result.dependencies and any(one.metric == DURATION for one in result.series.trends):
        return _by_dependencies(result, course, slots)
    return None


def _by_traces(traces: Traces, course: Course, slots: Slots) -> Split:
    size = slots.begin_s.size
    steps = tuple(dict.fromkeys(key for one in traces.steps if (key := _key(one)) in course.steps))
    keys = tuple(dict.fromkeys(PartKey(one.service, one.operation) for one in traces.operations))
    step_at = {key: at for at, key in enumerate(steps)}
    key_at = {key: at for at, key in enumerate(keys)}
    told, inner = np.zeros((len(steps), size)), np.zeros((len(steps), size))
    for traced in traces.steps:
        if (at := step_at.get(_key(traced))) is not None and traced.slot < size:
            told[at, traced.slot] += traced.count
            inner[at, traced.slot] += traced.root_ms
    parts = np.zeros((len(steps), len(keys), size))
    work = np.zeros_like(parts)
    for one in traces.operations:
        if (at := step_at.get(_key(one))) is not None and one.slot < size:
            place = at, key_at[PartKey(one.service, one.operation)], one.slot
            parts[place] += one.critical_ms
            work[place] += one.self_ms
    return Split(
        "traces", (*keys, PartKey(REST["traces"])), steps, told, inner, parts, work,
        *_requests(course, slots, steps), _home(traces),
    )  # fmt: skip


def _key(one: TracedSlot | SpanSlot | ServerTiming) -> StepKey:
    return one.scenario, one.workflow, one.step


def _home(traces: Traces) -> str | None:
    """The service of root spans: of each trace it has one, so their operations are as many."""
    told: defaultdict[StepKey, int] = defaultdict(int)
    for one in traces.steps:
        told[_key(one)] += one.count
    spans: defaultdict[tuple[StepKey, PartKey], int] = defaultdict(int)
    first: defaultdict[str, float] = defaultdict(float)
    busy: defaultdict[str, float] = defaultdict(float)
    for span in traces.operations:
        spans[_key(span), PartKey(span.service, span.operation)] += span.count
        busy[span.service] += span.critical_ms
    for (step, key), count in spans.items():
        if count == told[step] and not is_database(key.service):
            first[key.service] += count
    if not first:
        return None
    return max(first, key=lambda service: (first[service], busy[service]))


def _by_server_timing(entries: list[ServerTiming], course: Course, slots: Slots) -> Split:
    size = slots.begin_s.size
    entries = [one for one in entries if one.name.lower() != _WHOLE]
    steps = tuple(dict.fromkeys(key for one in entries if (key := _key(one)) in course.steps))
    keys = tuple(dict.fromkeys(PartKey(one.name) for one in entries))
    told = np.zeros((len(steps), size))
    parts = np.zeros((len(steps), len(keys), size))
    for one in entries:
        if _key(one) in steps and one.slot < size:
            at = steps.index(_key(one))
            # one response has several entries: as many told as had the most frequent one
            told[at, one.slot] = max(told[at, one.slot], one.count)
            parts[at, keys.index(PartKey(one.name)), one.slot] += one.sum_ms
    return Split(
        "server-timing", (*keys, PartKey(REST["server-timing"])), steps, told, parts.sum(axis=1),
        parts, parts, *_requests(course, slots, steps), None,
    )  # fmt: skip


def _by_dependencies(result: Result, course: Course, slots: Slots) -> Split:
    """Per request of any step: nobody tells which of them asked the third party."""
    names = [one.name for one in result.dependencies]
    sums = np.zeros((len(names), course.seconds))
    for trend in result.series.trends:
        if trend.metric != DURATION or trend.dependency not in names:
            continue
        at = names.index(trend.dependency)
        for second, text in zip(result.series.second, trend.histograms, strict=True):
            if text is not None:
                sums[at, second] += codec.decode(text).sum_ns / NS_PER_MS
    parts = np.array([[slots.of_seconds(one) for one in sums]])
    requests, total = _requests(course, slots, tuple(course.steps))
    requests, total = requests.sum(axis=0)[None], total.sum(axis=0)[None]
    keys = (*map(PartKey, names), PartKey(REST["dependencies"]))
    return Split(
        "dependencies", keys, (None,), requests, parts.sum(axis=1), parts, parts, requests, total,
        None,
    )  # fmt: skip


def _requests(
    course: Course, slots: Slots, steps: Collection[StepKey]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How many requests ended in slots, and the sums of their durations; (steps, slots) each."""
    chosen = [course.steps[key] for key in steps]
    shape = len(chosen), slots.begin_s.size
    counts = np.array([slots.of_seconds(one.count) for one in chosen]).reshape(shape)
    totals = np.array([slots.of_seconds(one.total_ms) for one in chosen]).reshape(shape)
    return counts, totals


#: whole words, whatever numbers follow; `postgresql` is what OpenTelemetry calls it
_DATABASE: Final = re.compile(
    r"(?<![a-z])(?:postgres(?:ql)?|sqlite|mysql|mariadb|oracle|mssql|sqlserver|mongodb|redis"
    r"|cassandra|dynamodb|cockroach(?:db)?|clickhouse|elasticsearch)(?![a-z])|database"
)


def is_database(service: str) -> bool:
    """Whether a service is a database, by its name, as `db.system` and people call them."""
    name = service.lower()
    return name == "db" or _DATABASE.search(name) is not None


def is_pool(operation: str | None) -> bool:
    """Whether an operation is waiting for a connection of a pool, by its name."""
    name = (operation or "").lower()
    waits = any(word in name for word in ("wait", "acquire", "checkout", "check out", "pending"))
    return ("connection" in name or "pool" in name) and waits
