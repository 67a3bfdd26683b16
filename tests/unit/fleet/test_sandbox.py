"""The process of the sandbox: started, ended, and what it leaves."""

from __future__ import annotations

import asyncio
import os
import resource

import psutil
import pytest

from tests.helpers.processes import alive
from wedload.errors import TargetError
from wedload.fleet.sandbox import SandboxProcess


async def test_sandbox_answers_when_it_is_started_and_its_files_go_with_it(tmp_path):
    sandbox = await SandboxProcess.start({**os.environ, "TMPDIR": str(tmp_path)}, seed=1)
    _, writer = await asyncio.open_connection("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    writer.close()
    assert len(list(tmp_path.iterdir())) == 1

    await sandbox.stop()

    assert not alive(sandbox.pid)
    assert list(tmp_path.iterdir()) == []


async def test_sandbox_that_has_much_to_load_says_how_far_it_is(tmp_path):
    told = []
    environ = {**os.environ, "TMPDIR": str(tmp_path), "WEDLOAD_SANDBOX_SUPPLIERS": "20000"}

    sandbox = await SandboxProcess.start(environ, seed=1, notify=told.append)
    await sandbox.stop()

    assert told == ["the sandbox has 20,000 of 20,000 suppliers"]


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
