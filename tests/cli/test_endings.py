"""Interrupts outside of the load: in set-up, in clean-up, and while the result is saved."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import psutil
import pytest

MAKING = """\
schema = 1
name = "making"
[targets.local]
base_url = "{url}"
{setup}
[scenarios.main]
executor = "constant-vus"
vus = 4
duration = "{duration}"
pace = "20ms"
workflow = "make"
[[workflows.make]]
name = "make"
http = "POST /make"
cleanup = "DELETE /things/${{vu}}-${{iteration}}"
"""
SETUP = '[[setup]]\nname = "first"\nhttp = "POST /first"\ncleanup = "DELETE /things/first"'


@pytest.fixture
def start(wedload, server):
    """A run whose clean-up takes longer than anybody waits."""

    def started(*, setup: str = "", duration: str = "1s", hanging: str = "/things"):
        server.delay_s = lambda path: 3.0 if path.startswith(hanging) else 0.0
        text = MAKING.format(url=server.url, setup=setup, duration=duration)
        return wedload.start("run", wedload.plan(text), "-o", "r.json")

    return started


def finding_of(result, kind):
    (found,) = [one for one in result["validity"]["findings"] if one["kind"] == kind]
    return found["message"]


def test_a_second_interrupt_in_clean_up_ends_only_that(wedload, start):
    run = start()
    run.wait_for("cleaning up")

    run.signal(signal.SIGINT)
    run.wait_for("finishing; interrupt again to leave behind what is left")
    run.signal(signal.SIGINT)
    done = run.wait(30)

    assert done.code == 1, done.err
    result = json.loads((wedload.folder / "r.json").read_bytes())
    assert result == done.result
    assert (result["verdict"], result["run"]["interrupted"]) == ("fail", False)
    said = finding_of(result, "cleanup")
    assert said.startswith("Clean-up was cut off by an interrupt with at least ")
    assert not any(one["kind"] == "worker-lost" for one in result["validity"]["findings"])
    assert "Traceback" not in done.err
    assert run.left() == []
    assert said.endswith(f"`wedload cleanup {result['run']['id']}` goes on with it.")
    assert wedload.files() == [".wedload", "r.json"]  # by its journal


def test_an_interrupted_load_is_judged_even_if_its_clean_up_is_interrupted_too(wedload, start):
    run = start(duration="50s")
    run.under_load()

    run.signal(signal.SIGTERM)
    run.wait_for("cleaning up")
    for _ in range(3):
        run.signal(signal.SIGTERM)
    done = run.wait(30)

    assert done.code == 130, done.err
    assert done.result["run"]["interrupted"] is True
    assert "Clean-up was cut off" in finding_of(done.result, "cleanup")
    assert wedload.files() == [".wedload", "r.json"]


def test_an_interrupt_in_set_up_ends_the_run_after_it_and_cleans_up(wedload, start, server):
    run = start(setup=SETUP, hanging="/first")
    run.wait_until(lambda: server.requests, "set-up")

    run.signal(signal.SIGINT)
    run.wait_for("stopping after set-up; interrupt again to stop at once")
    done = run.wait(30)

    assert done.code == 130, done.err
    assert "interrupted before the load; nothing to judge" in done.err
    assert [path for _, path, _ in server.requests] == ["/first", "/things/first"]
    assert wedload.files() == []


SAVING = """\
import asyncio, os, signal, sys, uvloop
from wedload.plan.loader import load_plan
from wedload.report.live import QuietView
from wedload.run.options import RunOptions
from wedload.run.session import run_plan

def keep(run):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        os.kill(os.getpid(), number)
    print("kept", run.verdict.outcome, flush=True)

loaded = load_plan(sys.argv[1])
with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    run = runner.run(run_plan(loaded, RunOptions(), QuietView(), os.environ, keep))
print("went on", run.interrupted)
"""


def test_interrupts_do_not_end_wedload_while_it_saves_what_it_found(wedload, small):
    done = subprocess.run(
        [sys.executable, "-c", SAVING, small],
        cwd=wedload.folder, env=wedload.environment(), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    assert done.stdout.splitlines() == ["kept pass", "went on False"], done.stderr
    assert done.returncode == 0


def test_ctrl_z_holds_the_load_back_until_wedload_goes_on(wedload, start, server):
    run = start(duration="50s", hanging="/nothing")
    run.wait_until(lambda: len(server.requests) > 20, "load")
    me = psutil.Process(run.process.pid)

    run.signal(signal.SIGTSTP)
    run.wait_until(lambda: me.status() == psutil.STATUS_STOPPED, "stopped")
    sent = len(server.requests)
    while len(server.requests) > sent:  # what was under way
        sent = len(server.requests)
        time.sleep(0.1)
    time.sleep(0.3)
    assert len(server.requests) == sent
    run.signal(signal.SIGCONT)
    run.wait_until(lambda: len(server.requests) > sent + 20, "load again")
    run.signal(signal.SIGINT)
    done = run.wait(30)

    assert done.code == 130, done.err
    assert "by wedload ctl or Ctrl-Z" in finding_of(done.result, "paused")
