"""Load processes: started, ended, and reported when they die."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time

import pytest
import uvloop

from tests.helpers.processes import alive
from wedload.errors import WorkerError
from wedload.fleet.messages import Load, LoadDone, Prepare, Prepared, Setup, SetupDone
from wedload.fleet.process import LoadProcess
from wedload.workload.compile_plan import Settings
from wedload.workload.segment import Segment


@pytest.fixture
def prepare(plan):
    return Prepare(plan(vus=1), Settings("local", "http://127.0.0.1:9"), Segment())


@pytest.fixture
async def process():
    one = await LoadProcess.start()
    yield one
    one.kill()
    await one.stop()


async def test_load_process_answers_and_ends_when_it_is_told_to(prepare):
    process = await LoadProcess.start()
    assert isinstance(await process.ask(prepare, Prepared), Prepared)
    assert alive(process.pid)
    began = time.monotonic()

    await process.stop()

    assert not alive(process.pid)
    assert time.monotonic() - began < 3


async def test_stopping_a_load_process_twice_or_a_dead_one_is_no_error(process):
    process.kill()
    await process.stop()
    await process.stop()
    process.kill()

    assert not alive(process.pid)


def test_stopping_a_process_whose_end_is_not_known_yet_is_no_error():
    """The socket is closed before the exit code arrives, as it is when an interrupt kills it."""

    async def run() -> None:
        process = await LoadProcess.start()
        process.kill()
        process._writer.transport.abort()
        await asyncio.sleep(0)
        process.say(Setup())
        await process.stop()
        assert not alive(process.pid)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


async def test_load_process_that_is_killed_is_reported_with_its_signal(process, prepare):
    await process.ask(prepare, Prepared)
    process.say(Load({}))
    asyncio.get_running_loop().call_later(0.1, os.kill, process.pid, signal.SIGKILL)

    with pytest.raises(WorkerError, match=rf"\(pid {process.pid}\) was lost: signal 9") as raised:
        await process.answer(LoadDone)

    assert raised.value.exit_code == 4


async def test_load_process_that_dies_with_words_is_reported_with_them(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/sh")
    # /bin/sh -P -m wedload.fleet.worker FD: there is no such option
    process = await LoadProcess.start()

    with pytest.raises(WorkerError, match="was lost: exit code") as raised:
        await process.ask(Setup(), SetupDone)

    assert "option -P" in raised.value.hint
    await process.stop()


async def test_load_process_that_is_asked_too_early_says_so_and_lives_on(process, prepare):
    with pytest.raises(WorkerError, match="has not sent Prepare") as raised:
        await process.ask(Setup(), SetupDone)
    assert "please report it" in raised.value.hint
    assert "Traceback" in raised.value.hint

    assert isinstance(await process.ask(prepare, Prepared), Prepared)


async def test_load_process_with_a_certificate_that_is_not_there_names_the_file(process, plan):
    made = plan(vus=1, target='base_url = "https://127.0.0.1:9"\ntls = { ca = "no-such-ca.pem" }')
    settings = Settings("local", "https://127.0.0.1:9")

    with pytest.raises(WorkerError, match=r"no-such-ca\.pem: No such file") as raised:
        await process.ask(Prepare(made, settings, Segment()), Prepared)

    assert raised.value.hint is None  # no traceback: it is no defect of ours


async def test_load_process_ends_at_once_when_nobody_is_there_any_more(prepare):
    process = await LoadProcess.start()
    await process.ask(prepare, Prepared)
    process.say(Load({}))
    await asyncio.sleep(0.1)

    process._writer.transport.abort()  # what the kernel does when the coordinator is killed

    for _ in range(100):
        if not alive(process.pid):
            break
        await asyncio.sleep(0.05)
    assert not alive(process.pid)
    await process.stop()


async def test_answer_out_of_turn_is_an_error_and_not_waited_on(process, prepare):
    process.say(prepare)

    with pytest.raises(WorkerError, match="out of turn"):
        await process.answer(LoadDone)
