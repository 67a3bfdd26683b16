"""The benchmark of channels, small: who talks says it all, and the ears hear exactly that."""

from __future__ import annotations

import asyncio

import pytest

from benchmarks import channels
from benchmarks.measure import Cores
from benchmarks.profiled_ears import FILE
from wedload.errors import WorkerError

NO_LIMIT_MS = 60_000.0


def _printed(one, hall):
    return "\n".join(channels.figures(one, hall.ears))


async def test_every_copy_of_a_message_is_expected_and_heard():
    async with channels.room(Cores.choose(), 5, idle_s=1) as hall:
        one = await hall.say(40, 1)
        besides = await hall.ears.besides()

    assert one.said["said"] == 40
    assert (one.expected, one.counts.expected, one.counts.delivered) == (200, 200, 200)
    assert one.took.count == 200
    assert besides == {}
    assert one.complete
    assert one.lag.count > 0
    assert one.memory_bytes > 1 << 20
    assert "200 of 200" in _printed(one, hall)


async def test_every_webhook_is_verified_expected_and_heard_paced_and_unpaced():
    async with channels.receiver(Cores.choose(), 3, idle_s=1) as hall:
        paced = await hall.say(50, 1)
        unpaced = await hall.say(0, 0.1)
        besides = await hall.ears.besides()

    assert paced.said["statuses"] == {"200": 50}
    assert (paced.expected, paced.counts.delivered, paced.counts.attempts) == (50, 50, 50)
    said = unpaced.said["said"]
    assert said > 3
    assert unpaced.said["statuses"] == {"200": said}
    assert (unpaced.expected, unpaced.counts.delivered, unpaced.counts.attempts) == (said,) * 3
    assert besides == {}
    assert "50 of 50" in _printed(paced, hall)


async def test_what_is_wrongly_signed_is_missed(monkeypatch):
    monkeypatch.setattr(channels, "SECRET", "d3Jvbmc=")
    monkeypatch.setattr(channels, "WITHIN_S", 0.2)
    async with channels.receiver(Cores.choose(), 1, idle_s=1) as hall:
        one = await hall.say(20, 1)
        besides = await hall.ears.besides()

    assert (one.expected, one.counts.delivered, one.counts.missed) == (20, 0, 20)
    assert not one.complete
    assert besides == {"missed": 20, "bad-signature": 20}


@pytest.mark.parametrize(("limit_ms", "tried"), [(0.0, [10, 10]), (NO_LIMIT_MS, [10, 20])])
async def test_a_ramp_ends_with_the_first_rate_that_is_not_bearable_twice(limit_ms, tried):
    async with channels.room(Cores.choose(), 2, idle_s=1) as hall:
        found = [(rate, one) async for rate, one in channels.ramp(hall, [10, 20], 1, limit_ms)]

    assert [rate for rate, _ in found] == tried
    assert [one.counts.delivered for _, one in found] == [2 * rate for rate in tried]


async def test_ears_that_are_lost_end_the_measurement():
    async with channels.room(Cores.choose(), 2, idle_s=1) as hall:
        saying = asyncio.create_task(hall.say(10, 60))
        await hall.ears.heard.seconds(2)
        hall.ears.process.kill()
        with pytest.raises(WorkerError, match="was lost"):
            await saying


def test_the_command_prints_what_took_the_ears_their_time(monkeypatch, capsys):
    small = {"_DELIVERIES_PER_S": 50, "_SECONDS": 1, "_MOST_S": 0.1, "_IDLE_S": 1}
    for name, value in small.items():
        monkeypatch.setattr(channels, name, value)
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setenv(FILE, "")
    monkeypatch.setattr(channels.os, "sched_setaffinity", lambda *_: None)

    with pytest.raises(SystemExit) as ended:
        channels.main(["webhooks", "--profile"])

    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "50 of 50" in said
    assert "besides      nothing" in said
    assert "function calls" in said
    assert "wedload/" in said


def test_a_case_that_is_not_there_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        channels.main(["smoke"])
    assert ended.value.code == 2
    assert "there is no case smoke" in capsys.readouterr().err
