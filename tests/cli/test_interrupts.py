"""Interrupts: what ends a run early, and how often it takes to end it at once."""

from __future__ import annotations

import json
import os
import signal
import time

import pytest

from tests.helpers.plans import SLOW


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


def test_processes_of_a_run_are_out_of_reach_of_the_terminals_interrupt(smoke):
    run = smoke()

    groups = [os.getpgid(process.pid) for process in run.descendants()]

    assert os.getpgid(run.process.pid) not in groups
