"""Processes of a run that are killed or stand still: what is left, and what is said."""

from __future__ import annotations

import os
import re
import signal

from tests.helpers.plans import SLOW

LOAD_PROCESS, SANDBOX = "wedload.fleet.worker", "wedload.sandbox"


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
