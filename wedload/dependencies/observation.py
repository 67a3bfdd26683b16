"""What is seen at the third parties of a run, as samples and as a few figures beside them.

An attempt's own samples belong to the phase in which it came, those of its operation to the phase
in which the first of its attempts did. What belongs to set-up or tear-down is no part of the load:
it is counted apart, and not judged.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wedload.dependencies.operations import MOST_HELD, QUIET_NS, Operations
from wedload.dependencies.retries import policy_kept, waited_as_told
from wedload.metrics.recorder import Row
from wedload.workload.phases import PhaseTimeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.dependencies.operations import Operation
    from wedload.metrics.recorder import Recorder
    from wedload.plan.third_parties import Dependency
    from wedload.simulators.attempt import Attempt

_REQUEST_ROW = Row(("dependency_duration",), counter="dependency_requests")


@dataclass(slots=True)
class _Counts:
    """Of one dependency, beside what is recorded."""

    outside: int = 0  # attempts of operations before the load, or after it
    keyless: int = 0  # attempts that did not say what they belong to
    most_attempts: int = 0  # of one operation
    hedged: int = 0  # attempts that came while another of their operation was under way
    broken: Counter[str] = field(default_factory=Counter)  # operations by part of the policy
    faults: Counter[str] = field(default_factory=Counter)  # attempts that suffered it


class Observation:
    """The attempts at all dependencies of a run. Implements `wedload.simulators.attempt.Told`."""

    def __init__(
        self,
        recorder: Recorder,
        dependencies: Mapping[str, Dependency],
        series: Mapping[str, int],
        phases: Sequence[tuple[int, int]],
        *,
        quiet_ns: int = QUIET_NS,
        most: int = MOST_HELD,
    ) -> None:
        """`series`: of each dependency; `phases`: (begin, ns from that of the load on; phase)."""
        self._recorder = recorder
        self._dependencies = dependencies
        self._series = series
        self._phases = phases
        self._began_ns: int | None = None
        self._ended_ns: int | None = None
        self._attempts: PhaseTimeline | None = None  # by when they came
        self._firsts: PhaseTimeline | None = None  # by when the first of an operation did
        self._operations = Operations(self._over, quiet_ns=quiet_ns, most=most)
        self._counts = {name: _Counts() for name in dependencies}

    def begin(self, now_ns: int) -> None:
        """The load begins."""
        self._began_ns = now_ns
        self._attempts = PhaseTimeline(self._phases, now_ns)
        self._firsts = PhaseTimeline(self._phases, now_ns)

    def end(self, now_ns: int) -> None:
        """The load has ended: only what it has begun is still observed."""
        if self._ended_ns is None:
            self._ended_ns = now_ns

    def __call__(self, attempt: Attempt) -> None:
        """An attempt has ended."""
        counts = self._counts[attempt.dependency]
        first_ns = self._operations.add(attempt)
        counts.keyless += not attempt.operation
        if not self._is_of_load(first_ns):
            counts.outside += 1
            return
        assert self._attempts is not None
        phase = _phase_at(self._attempts, attempt.arrived_ns)
        series = self._series[attempt.dependency]
        self._recorder.buffer(_REQUEST_ROW, series, phase, attempt.outcome).append(
            attempt.ended_ns - attempt.arrived_ns
        )
        if attempt.outcome == "quota":
            self._recorder.count(series, "quota_breaches", phase)
        counts.faults.update(attempt.faults)

    def sweep(self, until_ns: int) -> None:
        """See what is over; all attempts that came before `until_ns` have been told of."""
        self._operations.sweep(until_ns)

    def finish(self) -> None:
        """No attempt comes any more."""
        self._operations.finish()

    def awaited(self, now_ns: int) -> int:
        """Operations that have not fared well and may go on. O(attempts that are held)."""
        return self._operations.awaited(now_ns)

    @property
    def cut(self) -> int:
        """Operations that were taken for over early, as too many were held."""
        return self._operations.cut

    def reports(self) -> dict[str, dict[str, Any]]:
        """What stands in the result of each dependency beside its metrics."""
        return {
            name: {
                "outside": counts.outside,
                "without_key": counts.keyless,
                "most_attempts": counts.most_attempts,
                "hedged": counts.hedged,
                "policy_broken": dict(counts.broken),
                "faults": dict(counts.faults),
                "cut_operations": self._operations.cut,
            }
            for name, counts in self._counts.items()
        }

    def _is_of_load(self, first_ns: int) -> bool:
        if self._began_ns is None or first_ns < self._began_ns:
            return False
        return self._ended_ns is None or first_ns <= self._ended_ns

    def _over(self, operation: Operation) -> None:
        """Record an operation that is over, if it is one of the load."""
        if not self._is_of_load(operation.arrived_ns):
            return
        assert self._firsts is not None
        name = operation.dependency
        counts, series = self._counts[name], self._series[name]
        phase = _phase_at(self._firsts, operation.arrived_ns)
        record = self._recorder
        number = len(operation.attempts)
        record.count(series, "dependency_operations", phase, "ok" if operation.ok else "failed")
        record.trend("operation_attempts", series, phase).append(number)
        record.trend("operation_duration", series, phase).append(
            operation.ended_ns - operation.arrived_ns
        )
        if number > 1:
            record.trend("retry_gap", series, phase).extend(operation.gaps_ns())
            counts.hedged += operation.hedged
        for kept in waited_as_told(operation):
            record.count(series, "retry_afters", phase, "ok" if kept else "early")
        if operation.duplicate:
            record.count(series, "dependency_duplicates", phase)
        counts.most_attempts = max(counts.most_attempts, number)
        policy = self._dependencies[name].policy
        if policy is not None:
            kept_or_not = policy_kept(operation, policy)
            record.count(series, "retry_policies", phase, kept_or_not)
            if kept_or_not != "ok":
                counts.broken[kept_or_not] += 1


def _phase_at(timeline: PhaseTimeline, instant_ns: int) -> int:
    if timeline.begin_ns <= instant_ns < timeline.end_ns:
        return timeline.phase
    return timeline.at(instant_ns)
