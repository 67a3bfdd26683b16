"""Steering a run from another terminal: `wedload ctl`, on the control socket of the run."""

from __future__ import annotations

import pytest

from tests.helpers.steered import CONTROLLED, folder_of, until
from wedload.control.client import ask
from wedload.errors import UsageError


def test_status_tells_how_a_run_stands(run, ctl):
    until(run, lambda: ctl("status")["vus"] == 3 and ctl("status")["elapsed_s"] > 0)
    status = ctl("status")
    assert (status["plan"], status["target"], status["phase"]) == ("steered", "local", "load")
    assert status["end_s"] == 50
    assert 0 < status["elapsed_s"] < 50
    assert status["paused"] == []
    assert status["scenarios"] == [
        {"name": "main", "scalable": True, "max_vus": 40},
        {"name": "other", "scalable": False, "max_vus": 1},
    ]


def test_scaling_changes_the_number_of_virtual_users(run, ctl):
    assert ctl("scale", 30) == {"scaled": ["main"], "vus": 30}
    until(run, lambda: ctl("status")["vus"] == 31)
    ctl("scale", 0, "--scenario", "main")
    until(run, lambda: ctl("status")["vus"] == 1)


def test_two_load_processes_are_scaled_together(wedload, plan, ctl):
    run = wedload.start("run", plan, "--workers", "2")
    run.under_load(0)
    ctl("scale", 7)
    until(run, lambda: ctl("status")["vus"] == 8)


def test_while_paused_nothing_is_sent_and_the_verdict_says_so(run, ctl, server):
    assert ctl("pause")["paused"] == ["main", "other"]
    until(run, lambda: ctl("status")["steps_per_s"] == 0)
    sent = len(server.requests)
    assert ctl("status")["paused"] == ["main", "other"]
    assert len(server.requests) == sent
    assert ctl("resume", "--scenario", "other")["paused"] == ["main"]
    until(run, lambda: len(server.requests) > sent)
    assert ctl("resume")["paused"] == []
    ctl("stop")
    done = run.wait()
    assert done.code == 130, done.err
    kinds = [found["kind"] for found in done.result["validity"]["findings"]]
    assert sorted(kinds) == ["interrupted", "paused"]
    assert "The load was paused for" in done.result["validity"]["findings"][0]["message"]


def test_a_pause_however_short_is_told(wedload, run, ctl):
    (path,) = folder_of(wedload).iterdir()
    for what in ("pause", "resume"):  # between two looks of the live view
        ask(path, {"do": what})
    ctl("stop")
    findings = {one["kind"] for one in run.wait().result["validity"]["findings"]}
    assert findings == {"interrupted", "paused"}


def test_what_is_not_done_is_not_said_to_be(wedload, server):
    """In clean-up there is no load that could be stopped, and clean-up goes on."""
    server.delay_s = lambda _: 0.2
    text = (
        CONTROLLED.replace("{url}", server.url).replace("50s", "2s").replace("vus = 2", "vus = 20")
    )
    text = text.replace("GET /look", "POST /look") + 'cleanup = "DELETE /look"\n'
    one = wedload.start("run", wedload.plan(text), "-o", "r.json")
    one.wait_for("cleaning up:")
    (path,) = folder_of(wedload).iterdir()
    with pytest.raises(UsageError, match="the run is finishing already"):
        ask(path, {"do": "stop"})
    done = one.wait()
    assert done.code == 0, done.err
    assert done.result["cleanup"]["leaked"] == 0


def test_stop_ends_a_run_as_an_interrupt_does(wedload, run, ctl):
    assert ctl("stop") == {"stopping": True}
    done = run.wait()
    assert done.code == 130, done.err
    assert done.result["run"]["interrupted"] is True
    assert "stopping: iterations under way get 5 s" in done.err
    assert run.left() == []
    assert wedload.temporary_files() == []


def test_the_run_that_is_steered_is_the_one_that_its_result_names(run, ctl):
    name = ctl("status")["run"]
    assert ctl("status", "--run", name)["run"] == name
    ctl("stop", "--run", name)
    assert run.wait().result["run"]["id"] == name
