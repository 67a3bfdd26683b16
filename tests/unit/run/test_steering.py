"""What `wedload ctl` asks of a run, by where the run stands."""

from __future__ import annotations

import asyncio

import pytest

from wedload.run.steering import Steering
from wedload.run.stopping import Stopping


class Log:
    """As much of a logbook as a stop needs."""

    def __init__(self, phase: str) -> None:
        self.stopping = Stopping(phase=phase)
        self.phase = phase


async def stopped(phase: str) -> tuple[dict, int]:
    """The answer to a stop, and how many interrupts came of it."""
    interrupts = []
    steering = Steering("id", Log(phase), None, lambda: interrupts.append(phase), lambda: 0.0)
    answer = steering.obey({"do": "stop"})
    await asyncio.sleep(0)
    return answer, len(interrupts)


@pytest.mark.parametrize("phase", ["starting", "setting up", "load", "stopping"])
async def test_a_stop_is_an_interrupt_and_a_second_one_a_second_interrupt(phase):
    assert await stopped(phase) == ({"stopping": True}, 1)


@pytest.mark.parametrize("phase", ["finishing", "saving"])
async def test_when_the_load_is_over_there_is_nothing_to_stop(phase):
    answer, interrupts = await stopped(phase)

    assert answer["error"] == f"the run is {phase} already; there is no load to stop"
    assert interrupts == 0
