"""The flows of connections: numbered, and each in its direction."""

from __future__ import annotations

import asyncio

from tests.helpers.faults import ByHand, a_fault
from wedload.alarm import Alarm
from wedload.simulators.faults.flows import FaultFlows
from wedload.simulators.faults.lots import Lot


class Sink:
    """Keeps what it is told. Implements `FlowSink`."""

    def __init__(self):
        self.told = []

    def deliver(self, data):
        self.told.append(data)

    def end(self):
        self.told.append("end")

    def reset(self):
        self.told.append("reset")


def connections(count, *faults):
    """What comes through each way of so many connections, one after the other."""

    async def main():
        alarm = Alarm(asyncio.get_running_loop())
        flows = FaultFlows("calendar", ByHand(*faults), alarm, seed=1)
        found = []
        for _ in range(count):
            up, down = Sink(), Sink()
            for flow in flows.make(up, down):
                flow.feed(b"data")
                flow.close()
            found.append((up.told, down.told))
        alarm.close()
        return found

    return asyncio.run(main())


def test_each_direction_suffers_its_own():
    fault = a_fault(reset=True, direction="up")
    assert connections(1, fault) == [(["reset"], [b"data"])]


def test_a_share_is_drawn_by_the_number_of_the_connection_and_for_both_directions():
    half = a_fault(reset=True, direction="both", toxicity=0.5)
    drawn = [Lot(1, "calendar", number).suffers(half) for number in range(100)]
    suffering, spared = (["reset"], ["reset"]), ([b"data"], [b"data"])
    assert connections(100, half) == [suffering if one else spared for one in drawn]
