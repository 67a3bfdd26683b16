"""Load processes and the sandbox as processes: started, ended, and reported when they die."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time

import psutil
import pytest
import uvloop

from wedload.errors import TargetError, WorkerError
from wedload.fleet.messages import Load, LoadDone, Prepare, Prepared, Setup, SetupDone
from wedload.fleet.process import LoadProcess
from wedload.fleet.reach import require_reachable
from wedload.fleet.sandbox import SandboxProcess
from wedload.plan.loader import load_plan
from wedload.workload.compile_plan import Settings
from wedload.workload.segment import Segment

PLAN = """\
schema = 1
name = "small"
[targets.local]
base_url = "http://127.0.0.1:9"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "30s"
graceful_stop = "0s"
workflow = "visit"
[[workflows.visit]]
think = "10s"
"""


@pytest.fixture
def prepare(tmp_path):
    (tmp_path / "plan.toml").write_text(PLAN)
    plan = load_plan(tmp_path / "plan.toml").plan
    return Prepare(plan, Settings("local", "http://127.0.0.1:9"), Segment())


@pytest.fixture
async def process():
    one = await LoadProcess.start()
    yield one
    one.kill()
    await one.stop()


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


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


async def test_load_process_with_a_certificate_that_is_not_there_names_the_file(process, tmp_path):
    text = PLAN.replace("http://127.0.0.1:9", "https://127.0.0.1:9").replace(
        "[scenarios", 'tls = { ca = "no-such-ca.pem" }\n[scenarios', 1
    )
    (tmp_path / "plan.toml").write_text(text)
    plan = load_plan(tmp_path / "plan.toml").plan
    settings = Settings("local", "https://127.0.0.1:9")

    with pytest.raises(WorkerError, match=r"no-such-ca\.pem: No such file") as raised:
        await process.ask(Prepare(plan, settings, Segment()), Prepared)

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


# --- the sandbox ----------------------------------------------------------------------------------


async def test_sandbox_answers_when_it_is_started_and_its_files_go_with_it(tmp_path):
    sandbox = await SandboxProcess.start({**os.environ, "TMPDIR": str(tmp_path)}, seed=1)
    _, writer = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    writer.close()
    assert len(list(tmp_path.iterdir())) == 1

    await sandbox.stop()

    assert not alive(sandbox.pid)
    assert list(tmp_path.iterdir()) == []


async def test_sandbox_may_have_as_many_files_open_as_the_machine_allows(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        sandbox = await SandboxProcess.start({**os.environ, "TMPDIR": str(tmp_path)}, seed=1)
        limits = psutil.Process(sandbox.pid).rlimit(psutil.RLIMIT_NOFILE)
        await sandbox.stop()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert limits == (hard, hard)


async def test_sandbox_that_cannot_start_says_why(tmp_path):
    missing = tmp_path / "missing"
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "TMPDIR": str(missing)}
    (tmp_path / "aiohttp.py").write_text("raise SystemExit('no server today')")

    with pytest.raises(TargetError, match="the sandbox did not start") as raised:
        await SandboxProcess.start(environ, seed=1)

    assert "no server today" in raised.value.hint


async def test_start_of_the_sandbox_that_is_cancelled_leaves_no_process(tmp_path):
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    starting = asyncio.create_task(
        SandboxProcess.start({**os.environ, "TMPDIR": str(tmp_path)}, seed=1)
    )
    await asyncio.sleep(0.2)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting

    for _ in range(100):
        left = {p.pid for p in psutil.Process().children(recursive=True)} - before
        if not any(map(alive, left)):
            break
        await asyncio.sleep(0.05)
    assert not any(map(alive, left))


# --- reaching a target ----------------------------------------------------------------------------


async def test_target_that_answers_is_reached_by_one_connection(tmp_path):
    connections = []
    server = await asyncio.start_server(
        lambda _, writer: (connections.append(1), writer.close()), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    (tmp_path / "plan.toml").write_text(PLAN.replace(":9", f":{port}"))
    target = load_plan(tmp_path / "plan.toml").plan.targets["local"]

    await require_reachable("local", target)

    await asyncio.sleep(0.05)
    assert connections == [1]
    server.close()
    await server.wait_closed()


def test_a_load_process_imports_aiohttp_only_for_a_plan_that_asks_for_it():
    code = "import sys, wedload.fleet.worker; print('aiohttp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout == b"False\n"
