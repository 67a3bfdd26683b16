"""What `wedload ctl` asks of a run, by where the run stands."""

from __future__ import annotations

import asyncio

import pytest

from wedload.run.logbook import Logbook
from wedload.run.steering import Steering
from wedload.run.stopping import Stopping


@pytest.fixture
def stopped(make):
    """Asks for a stop in a phase: the answer, and how many interrupts came of it."""

    async def asked(phase: str, before: int = 0, **more: object) -> tuple[dict, int]:
        interrupts = []
        log = Logbook(make(seconds=0).view, str, interrupts.append, Stopping(phase, before))
        steering = Steering(
            "id", log, None, lambda: interrupts.append(phase), lambda: 0.0, None, None
        )
        answer = steering.obey({"do": "stop", **more})
        await asyncio.sleep(0)
        return answer, len(interrupts)

    return asked


@pytest.mark.parametrize("phase", ["starting", "setting up", "load", "stopping"])
async def test_a_stop_is_an_interrupt_and_a_second_one_a_second_interrupt(stopped, phase):
    assert await stopped(phase) == ({"stopping": True}, 1)


@pytest.mark.parametrize("phase", ["finishing", "saving"])
async def test_when_the_load_is_over_there_is_nothing_to_stop(stopped, phase):
    answer, interrupts = await stopped(phase)

    assert answer["error"] == f"the run is {phase} already; there is no load to stop"
    assert interrupts == 0


@pytest.mark.parametrize("phase", ["starting", "setting up", "load", "stopping", "finishing"])
async def test_a_stop_at_once_insists_as_a_second_interrupt_does(stopped, phase):
    assert await stopped(phase, now=True) == ({"stopping": True, "now": True}, 2)
    assert await stopped(phase, before=1, now=True) == ({"stopping": True, "now": True}, 1)
