"""What responses said of themselves by `Server-Timing`, by slot, step, phase and name. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from wedload.traces.slots import slot_length_s
from wedload.traces.totals import StepKey

if TYPE_CHECKING:
    from wedload.metrics.snapshot import Snapshot

#: counters of load processes, by the name of an entry: how many, and what they add up to, ns
TIMED, TIMED_NS = "server_timing", "server_timing_ns"


class TimingKey(NamedTuple):
    """An entry of responses to a step."""

    at: StepKey
    name: str


@dataclass(slots=True)
class TimingTotal:
    """How many entries there were, and what they add up to, ns."""

    count: int = 0
    sum_ns: int = 0

    def add(self, other: TimingTotal) -> None:
        """Take in another's."""
        self.count += other.count
        self.sum_ns += other.sum_ns


@dataclass(slots=True)
class Timings:
    """All of a run. Implements `wedload.metrics.snapshot.Sink`."""

    slot_s: int = 1
    totals: dict[TimingKey, TimingTotal] = field(default_factory=dict)

    def add(self, snapshot: Snapshot) -> None:
        """Take in what a load process recorded."""
        second = max(snapshot.second, 0)
        for key, number in snapshot.counts.items():
            if key.metric not in {TIMED, TIMED_NS}:
                continue
            self.stretch(slot_length_s(second, self.slot_s))
            at = StepKey(second // self.slot_s, key.series, key.phase)
            total = self.totals.setdefault(TimingKey(at, key.outcome), TimingTotal())
            if key.metric == TIMED:
                total.count += number
            else:
                total.sum_ns += number

    def stretch(self, slot_s: int) -> None:
        """Make slots so long; a multiple of what they are."""
        if slot_s == self.slot_s:
            return
        times, self.slot_s = slot_s // self.slot_s, slot_s
        totals, self.totals = self.totals, {}
        for key, total in totals.items():
            at = key.at._replace(slot=key.at.slot // times)
            self.totals.setdefault(key._replace(at=at), TimingTotal()).add(total)
