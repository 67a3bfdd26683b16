"""What ends a run early: signals to wedload, and the death of what it started."""

from __future__ import annotations

import json
import os
import re
import signal
import time

import pytest

SLOW = """\
schema = 1
name = "slow"
[targets.sandbox]
sandbox = true
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "30s"
graceful_stop = "30s"
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /healthz"
[[workflows.visit]]
think = "40s"
"""
LOAD_PROCESS, SANDBOX = "wedload.fleet.worker", "wedload.sandbox"


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
def workers(request) -> int:
    """How many load processes."""
    return request.param


@pytest.fixture
def smoke(wedload, plans, workers):
    """The smoke plan under way for longer than any test, with a result in `r.json`."""

    def start(*more: str, stage: str = "30s:5", before: str = "0s:5"):
        run = wedload.start(
            "run", plans / "smoke.toml", "--stage", before, "--stage", stage, "-o", "r.json",
            "--workers", workers, *more,
        )  # fmt: skip
        run.under_load(1.0)
        assert len(run.descendants()) == 1 + workers, run.err
        return run

    return start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_ends_the_load_gracefully_with_verdict_result_and_clean_up(
    wedload, smoke, number
):
    run = smoke()

    run.signal(number)
    done = run.wait(20)

    assert done.code == 130, done.err
    assert "stopping: iterations under way get 5 s" in done.err
    assert "verdict: " in done.err
    assert "(interrupted)" in done.err
    saved = json.loads((wedload.folder / "r.json").read_bytes())
    assert saved == done.result
    assert saved["run"]["interrupted"] is True
    assert 0.5 < saved["run"]["duration_s"] < 20
    assert saved["metrics"]["iterations"]["count"] >= 5
    assert saved["metrics"]["http_reqs"]["count"] == sum(
        step["metrics"]["http_reqs"]["count"]
        for step in saved["steps"]
        if step["scenario"] != "cleanup"
    )
    made = saved["cleanup"]
    assert made["created"] == made["deleted"] > 0
    assert made["leaked"] == 0
    assert not any(f["kind"] == "load-not-reached" for f in saved["validity"]["findings"])
    assert run.left() == []
    assert wedload.temporary_files() == []
    assert wedload.files() == ["r.json"]


@pytest.mark.parametrize("times", [2, 3, 12])
def test_further_interrupts_stop_at_once(wedload, times, workers):
    run = wedload.start("run", wedload.plan(SLOW), "-o", "r.json", "--workers", workers)
    run.under_load()

    run.signal(signal.SIGINT)
    run.wait_for("interrupt again to stop at once")
    began = time.monotonic()
    for _ in range(times - 1):
        run.signal(signal.SIGINT)
        time.sleep(0.03)
    done = run.wait(20)

    assert time.monotonic() - began < 4  # the first alone would wait for 5 s
    assert done.code == 130, done.err
    assert "stopped at once: nothing was judged, and nothing cleaned up" in done.err
    assert "Traceback" not in done.err
    assert done.out == ""
    assert run.left() == []
    assert wedload.temporary_files() == []
    kept = wedload.files()  # what was recorded until then; nothing, if nothing was
    assert set(kept) <= {"r.json.partial"}
    assert bool(kept) == ("recorded until then: r.json.partial" in done.err)


def test_iterations_that_do_not_end_are_cut_off_after_the_grace_of_an_interrupt(wedload, workers):
    run = wedload.start("run", wedload.plan(SLOW), "-o", "r.json", "--workers", workers)
    run.under_load()

    began = time.monotonic()
    run.signal(signal.SIGINT)
    done = run.wait(30)

    assert 4 < time.monotonic() - began < 15
    assert done.code == 130, done.err
    assert done.result["metrics"]["interrupted_iterations"]["count"] == 2
    assert run.left() == []


def test_interrupt_before_the_load_leaves_nothing(wedload, plans):
    run = wedload.start("run", plans / "smoke.toml", "-o", "r.json")
    run.wait_for("starting the sandbox")
    run.wait_until(lambda: len(run.descendants()) >= 1, "the sandbox's process")

    run.signal(signal.SIGINT)
    done = run.wait(20)

    assert done.code == 130, done.err
    assert done.out == ""
    assert "Traceback" not in done.err
    assert run.left() == []
    assert wedload.temporary_files() == []


def test_killed_wedload_takes_its_processes_and_their_files_along(wedload, smoke, small):
    run = smoke()
    sockets = f"wedload-{os.getuid()}"
    assert {sockets} < set(wedload.temporary_files())  # and the sandbox's database

    run.signal(signal.SIGKILL)
    run.wait()

    assert run.left(within_s=10) == []
    # nobody is left who could remove its control socket: the next run does
    assert wedload.temporary_files() == [sockets]
    assert wedload("run", small).code == 0
    assert wedload.temporary_files() == []


def test_killed_load_process_makes_the_run_invalid_and_is_named(wedload, smoke, workers):
    run = smoke()
    victim = run.descendants_with(LOAD_PROCESS)[-1]

    victim.send_signal(signal.SIGKILL)
    done = run.wait(20)

    assert done.code == 3, done.err
    result = done.result
    assert result["verdict"] == "invalid"
    assert result["validity"]["valid"] is False
    (finding,) = [f for f in result["validity"]["findings"] if f["kind"] == "worker-lost"]
    assert finding["invalidates"] is True
    name = r"A load process" if workers == 1 else r"Load process [12] of 2"
    assert re.match(rf"{name} \(pid {victim.pid}\) was lost: signal 9", finding["message"])
    assert result["reasons"][0] == finding["message"]
    assert result["metrics"]["http_reqs"]["count"] > 0  # what was recorded is kept
    assert result["run"]["duration_s"] < 20  # of 30: the others were told to end
    assert "stopping: load process" in done.err or workers == 1
    made = result["cleanup"]
    assert made["created"] == made["deleted"] + made["leaked"]  # with the process its list is lost
    assert set(made["reasons"]) <= {"its load process was lost"}
    assert (made["deleted"] > 0) == (workers > 1)
    assert "Traceback" not in done.err
    assert run.left() == []
    assert wedload.temporary_files() == []


def test_killed_sandbox_lets_the_run_end_by_itself_with_explained_failures(wedload, smoke, plans):
    run = smoke(stage="3s:5")
    (sandbox,) = run.descendants_with(SANDBOX)
    sandbox.send_signal(signal.SIGKILL)

    done = run.wait(20)

    assert done.code in {1, 3}, done.err
    assert "Traceback" not in done.err
    result = done.result
    assert result["verdict"] in {"fail", "invalid"}
    assert result["metrics"]["http_req_failed"]["yes"] > 0
    told = [one["message"] for one in result["failures"]]
    assert any("Connection refused" in message for message in told), told
    assert any("Connection refused" in reason for reason in result["cleanup"]["reasons"])
    assert result["cleanup"]["leaked"] > 0
    assert any(row["status"] == "missed" for row in result["benchmarks"])
    assert run.left() == []

    # what a killed sandbox left is removed by the next one
    left = wedload.temporary_files()
    again = wedload("run", plans / "smoke.toml", "--once")
    assert again.code == 0, again.err
    assert left
    assert wedload.temporary_files() == []


def test_stopped_load_process_is_ended_all_the_same(wedload, workers):
    run = wedload.start("run", wedload.plan(SLOW), "-o", "r.json", "--workers", workers)
    run.under_load()
    run.descendants_with(LOAD_PROCESS)[-1].suspend()  # SIGSTOP: it no longer listens

    run.signal(signal.SIGINT)
    run.wait_for("interrupt again to stop at once")
    run.signal(signal.SIGINT)
    done = run.wait(20)

    assert done.code == 130, done.err
    assert run.left() == []
    assert wedload.temporary_files() == []


def test_processes_of_a_run_are_out_of_reach_of_the_terminals_interrupt(smoke):
    run = smoke()

    groups = [os.getpgid(process.pid) for process in run.descendants()]

    assert os.getpgid(run.process.pid) not in groups
