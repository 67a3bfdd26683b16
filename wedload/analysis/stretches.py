"""Where in a run the load was about the same: stages that hold, and parts of ramps. Pure.

Parts of a ramp are cut by time, which is to say by the load that the schedule asks for, and not by
what was measured: bins by measured load would gather slow slots in high bins, and so make any noise
a growth of latency with load. What the load of a stretch was is then measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.units import format_clock, format_number

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from wedload.results.model import Result, Stage

#: slots that a stretch has at least: fewer tell nothing of how much slots differ
LEAST_SLOTS: Final = 3
#: parts of a ramp at most; more are more levels of fewer samples
_MOST_PARTS: Final = 8
#: slots of a run at most where traces do not say how long they are
_MOST_SLOTS: Final = 240
_SLACK_S: Final = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """The smallest pieces of the load that are looked at."""

    begin_s: NDArray[np.float64]  # (slots,)
    length_s: float

    def of_seconds(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums by slot of what is known by second; (slots,)."""
        sums = np.zeros(self.begin_s.size)
        for second, slot in enumerate(self.slot_of(values.size).tolist()):
            if slot >= 0:
                sums[slot] += values[second]
        return sums

    def seconds_of(self, slots: Collection[int], seconds: int) -> list[int]:
        """Those of so many that lie in some slots."""
        return np.flatnonzero(np.isin(self.slot_of(seconds), list(slots))).tolist()

    def slot_of(self, seconds: int) -> NDArray[np.int64]:
        """The slot that each second's middle lies in, -1: none; (seconds,)."""
        middles = np.arange(seconds) + 0.5
        slot = np.searchsorted(self.begin_s, middles, side="right") - 1
        inside = (slot >= 0) & (middles < self.begin_s[slot] + self.length_s)
        return np.where(inside, slot, -1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Slots of about the same load."""

    name: str
    slots: tuple[int, ...]
    holds: bool


def slots_of(result: Result, seconds: int) -> Slots:
    """Those of traces, where there are any; else whole seconds, of a long run several."""
    traces = result.traces
    if traces is not None and traces.slots_s and traces.slot_s >= 1:
        return Slots(np.array(traces.slots_s, np.float64), traces.slot_s)
    width = max(math.ceil(seconds / _MOST_SLOTS), 1)
    return Slots(np.arange(0, seconds - width + 1, width, dtype=np.float64), float(width))


def stretches_of(result: Result, slots: Slots, seconds: int) -> list[Stretch]:
    """Stretches with slots enough, in the order of time.

    Where scenarios overlap, one holds only while all of them do.
    """
    edges = sorted({at for one in result.stages for at in (one.begin_s, one.end_s)})
    if not edges:
        edges = [0.0, float(seconds)]
    found: list[Stretch] = []
    for begin, end in pairwise(edges):
        inside = _inside(slots, begin, min(end, float(seconds)))
        here = [one for one in result.stages if one.begin_s <= begin and one.end_s >= end]
        if len(inside) < LEAST_SLOTS or not (here or not result.stages):
            continue
        if all(holds(one) for one in here):
            found.append(Stretch(_name(here, begin, end), inside, holds=True))
        else:
            found += _parts(here, inside, slots)
    return found


def holds(stage: Stage) -> bool:
    """Whether it asks for the same load all the time."""
    return (stage.start_vus, stage.start_rate) in {
        (stage.target_vus, stage.target_rate),
        (None, None),
    }


def _inside(slots: Slots, begin_s: float, end_s: float) -> tuple[int, ...]:
    """Slots that lie within; one that a border cuts belongs to nobody."""
    from_there = slots.begin_s >= begin_s - _SLACK_S
    until = slots.begin_s + slots.length_s <= end_s + _SLACK_S
    return tuple(np.flatnonzero(from_there & until).tolist())


def _parts(stages: Sequence[Stage], inside: tuple[int, ...], slots: Slots) -> list[Stretch]:
    number = max(min(len(inside) // LEAST_SLOTS, _MOST_PARTS), 1)
    found = []
    for part in np.array_split(np.array(inside), number):
        begin = float(slots.begin_s[part[0]])
        end = float(slots.begin_s[part[-1]] + slots.length_s)
        found.append(Stretch(_name(stages, begin, end), tuple(part.tolist()), holds=False))
    return found


def _name(stages: Sequence[Stage], begin_s: float, end_s: float) -> str:
    """Names of stages; where one ramps, from which load to which in this part of it."""
    ramping = [one for one in stages if not holds(one)]
    names = dict.fromkeys(str(one.stage) for one in ramping or stages if one.stage is not None)
    words = " + ".join(names)
    if not ramping:
        return words or f"{format_clock(begin_s)} – {format_clock(end_s)}"
    first = ramping[0]
    low, high = (_asked(first, at) for at in (begin_s, end_s))
    unit = " VUs" if first.target_vus is not None else "/s"
    load = f"{format_number(low)}–{format_number(high)}{unit}"
    return f"{words}, {load}" if words else load


def _asked(stage: Stage, at_s: float) -> float:
    """The load that a stage asks for at an instant: virtual users, or iterations per second."""
    if stage.target_vus is not None:
        start, target = float(stage.start_vus or 0), float(stage.target_vus)
    else:
        start, target = stage.start_rate or 0.0, stage.target_rate or 0.0
    length = stage.end_s - stage.begin_s
    gone = min(max((at_s - stage.begin_s) / length, 0.0), 1.0) if length else 1.0
    value = start + (target - start) * gone
    return round(value) if stage.target_vus is not None else value
