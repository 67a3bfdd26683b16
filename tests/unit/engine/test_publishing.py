"""Publishers of a load process: how they open under a target's highest rate."""

from __future__ import annotations

from types import SimpleNamespace

from wedload.clock import FakeClock
from wedload.engine.pacing import Comb, Pace
from wedload.engine.publishing import Publishers
from wedload.units import NS_PER_MS
from wedload.workload.segment import Segment


class Opening:
    """Stands for a publisher: what it does but open is not asked for here."""

    def __init__(self, clock):
        self._clock = clock
        self.opened_ms = None

    async def open(self):
        self.opened_ms = self._clock.now_ns() // NS_PER_MS


def opened(per_s):
    clock = FakeClock()
    pace = None if per_s is None else Pace(Comb(per_s, Segment()), clock)
    publishers = Publishers(SimpleNamespace(pace=pace), ())
    publishers._publishers = {name: Opening(clock) for name in "abc"}
    clock.run(publishers.open())
    return [publishers.of(name).opened_ms for name in "abc"]


def test_each_handshake_takes_its_turn():
    assert opened(4) == [0, 250, 500]


def test_without_a_highest_rate_all_open_at_once():
    assert opened(None) == [0, 0, 0]
