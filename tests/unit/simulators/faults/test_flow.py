"""A flow on a real loop: passes on at once, later or never, and lower bounds of time hold."""

from __future__ import annotations

import asyncio
import time

import pytest
import uvloop

from tests.helpers.faults import LOT, ByHand, a_fault
from tests.helpers.waiting import until
from wedload.alarm import Alarm
from wedload.simulators.faults.flow import FaultFlow
from wedload.units import NS_PER_MS as MS


class Sink:
    """Keeps what it is told, and when. Implements `FlowSink`."""

    def __init__(self):
        self.told = []

    def deliver(self, data):
        self.told.append((time.perf_counter_ns(), data))

    def end(self):
        self.told.append((time.perf_counter_ns(), "end"))

    def reset(self):
        self.told.append((time.perf_counter_ns(), "reset"))

    @property
    def what(self):
        return [what for _, what in self.told]


@pytest.fixture(params=[uvloop.new_event_loop, asyncio.new_event_loop])
def run(request):
    """Runs a coroutine that is given injections, a sink and what makes a flow between them."""

    def run_flow(main, *faults):
        async def with_alarm():
            alarm = Alarm(asyncio.get_running_loop())
            injections, sink = ByHand(*faults), Sink()
            try:
                return await main(injections, sink, FaultFlow(injections, sink, LOT, "down", alarm))
            finally:
                alarm.close()

        with asyncio.Runner(loop_factory=request.param) as runner:
            return runner.run(with_alarm())

    return run_flow


def test_without_faults_data_is_passed_on_as_it_is(run):
    async def main(injections, sink, flow):
        data = bytearray(b"abc")
        flow.feed(data)
        flow.feed_end()
        assert sink.told[0][1] is data
        assert sink.what == [b"abc", "end"]
        assert (flow.held_bytes, flow.cut, flow.suffered) == (0, False, ())

    run(main)


def test_delayed_data_is_never_early_and_what_is_fed_later_does_not_overtake(run):
    async def main(injections, sink, flow):
        begin_ns = time.perf_counter_ns()
        flow.feed(b"slow")
        assert flow.held_bytes == 4
        injections.set()
        flow.feed(b"fast")
        flow.feed_end()
        await until(lambda: len(sink.told) == 3)
        assert sink.what == [b"slow", b"fast", "end"]
        assert all(at_ns >= begin_ns + 20 * MS for at_ns, _ in sink.told)
        assert flow.suffered == ("it",)

    run(main, a_fault(latency="20ms"))


def test_a_flow_is_plain_again_when_its_faults_are_over_and_nothing_is_held(run):
    async def main(injections, sink, flow):
        injections.set(a_fault(timeout=True))
        flow.feed(b"held")
        await asyncio.sleep(0.01)
        assert sink.what == []
        injections.set()
        assert sink.what == [b"held"]
        data = bytearray(b"as it is")
        flow.feed(data)
        assert sink.told[-1][1] is data

    run(main)


def test_a_fault_that_stays_goes_on_counting_when_another_comes(run):
    async def main(injections, sink, flow):
        limit = injections.active[0]
        flow.feed(b"abc")
        injections.set(limit, a_fault("other", slow_close="1ms"))
        flow.feed(b"defg")
        await until(lambda: len(sink.told) == 3)
        assert sink.what == [b"abc", b"de", "end"]
        assert flow.cut

    run(main, a_fault(limit_data=5))


def test_a_reset_is_told_once_and_nothing_after_it(run):
    async def main(injections, sink, flow):
        flow.feed(b"abc")
        await until(lambda: sink.told)
        flow.feed(b"more")
        injections.set()
        flow.feed(b"and more")
        flow.feed_end()
        assert sink.what == ["reset"]
        assert flow.cut

    run(main, a_fault(reset="5ms"))


def test_a_closed_flow_passes_nothing_on_and_listens_to_nobody(run):
    async def main(injections, sink, flow):
        flow.feed(b"abc")
        flow.close()
        injections.set()
        flow.feed(b"more")
        await asyncio.sleep(0.02)
        assert (sink.told, injections.subscribers) == ([], [])

    run(main, a_fault(latency="5ms"))


def test_a_connection_that_is_spared_is_not_touched(run):
    async def main(injections, sink, flow):
        flow.feed(b"abc")
        assert sink.what == [b"abc"]
        assert flow.suffered == ()

    run(main, a_fault(timeout=True, toxicity=0.0), a_fault("up", timeout=True, direction="up"))


def test_who_feeds_is_told_that_there_is_room_again(run):
    async def main(injections, sink, _flow):
        rooms = []
        alarm = Alarm(asyncio.get_running_loop())
        flow = FaultFlow(
            injections, sink, LOT, "down", alarm, moved=lambda: rooms.append(flow.waiting_bytes)
        )
        flow.feed(bytes(100))
        await until(lambda: rooms and not rooms[-1])
        assert rooms == sorted(rooms, reverse=True)
        assert sum(len(what) for what in sink.what) == 100
        alarm.close()

    run(main, a_fault(bandwidth=5_000))
