"""Steering a run from another terminal: `wedload ctl`, on the control socket of the run."""

from __future__ import annotations

import json
import os
import socket
import stat
from typing import TYPE_CHECKING

import pytest

from wedload.control.client import ask
from wedload.control.folder import short_address
from wedload.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

CONTROLLED = """\
schema = 1
name = "steered"
[targets.local]
base_url = "{url}"
[scenarios.main]
executor = "externally-controlled"
vus = 2
max_vus = 40
duration = "50s"
pace = "20ms"
workflow = "visit"
[scenarios.other]
executor = "constant-vus"
vus = 1
duration = "50s"
pace = "20ms"
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /look"
"""


@pytest.fixture
def plan(wedload, server) -> Path:
    return wedload.plan(CONTROLLED.replace("{url}", server.url))


@pytest.fixture
def ctl(wedload):
    """`wedload ctl …`: what it answered."""

    def ask(*arguments: object) -> dict:
        done = wedload("ctl", *arguments)
        assert done.code == 0, done.err
        return json.loads(done.out)

    return ask


@pytest.fixture
def run(wedload, plan):
    """A run under load that is to be steered."""
    one = wedload.start("run", plan, "-o", "r.json")
    one.under_load(0)
    return one


def folder_of(wedload) -> Path:
    return wedload.temporary / f"wedload-{os.getuid()}"


def until(run, holds) -> None:
    run.wait_until(holds, "what was asked for")


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
    until(run, lambda: ctl("status")["requests_per_s"] == 0)
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


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scale", 41], "41 virtual users are more than max_vus of scenario main, 40"),
        (["scale", 5, "--scenario", "other"], "nothing to scale: other follows a schedule"),
        (["scale", 5, "--scenario", "mian"], "the run has no scenario mian"),
        (["pause", "--scenario", "mian"], "did you mean main?"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(wedload, run, arguments, said):
    done = wedload("ctl", *arguments)
    assert done.code == 2
    assert said in " ".join(done.err.split())
    assert run.process.poll() is None


def test_without_a_run_there_is_nothing_to_steer(wedload):
    done = wedload("ctl", "status")
    assert done.code == 4
    assert "no run is under way here" in done.err
    assert "wedload run PLAN" in done.err


def test_of_several_runs_one_must_be_chosen(wedload, run, plan, ctl):
    first = ctl("status")["run"]
    second = wedload.start("run", plan)
    until(second, lambda: len(list(folder_of(wedload).iterdir())) == 2)
    done = wedload("ctl", "status")
    assert done.code == 4
    assert "2 runs are under way" in done.err
    assert first in done.err
    assert ctl("status", "--run", first)["run"] == first
    done = wedload("ctl", "status", "--run", "nobody")
    assert done.code == 4
    assert "no run nobody is under way here" in done.err
    assert run.process.poll() is None


def test_a_socket_that_a_killed_run_left_is_removed(wedload, run):
    run.process.kill()
    run.process.wait()
    done = wedload("ctl", "status")
    assert done.code == 4
    assert "is gone; its socket was left, and is removed now" in done.err
    assert "no run is under way" in wedload("ctl", "status").err


def test_nobody_else_can_enter_the_folder_of_the_sockets(wedload, run):
    assert run.process.poll() is None
    folder = folder_of(wedload)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (one,) = folder.iterdir()
    assert stat.S_IMODE(one.stat().st_mode) == 0o600


def test_a_folder_that_others_can_enter_is_not_used_and_the_run_goes_on(wedload, small):
    folder_of(wedload).mkdir(mode=0o777)
    folder_of(wedload).chmod(0o777)
    done = wedload("run", small)
    assert done.code == 0, done.err
    assert "wedload ctl cannot reach this run" in done.err
    assert "only its owner can enter" in done.err


@pytest.mark.parametrize(
    "line", [b"nonsense\n", b"[]\n", b'{"do": "dance"}\n', b"{}\n", b"\n", b"", b"x" * 200_000]
)
def test_what_a_run_does_not_understand_does_not_disturb_it(wedload, run, ctl, line):
    (path,) = folder_of(wedload).iterdir()
    with socket.socket(socket.AF_UNIX) as other:
        other.settimeout(20)
        with short_address(path) as address:
            other.connect(address)
        try:
            other.sendall(line)
            other.shutdown(socket.SHUT_WR)
            answer = other.makefile("rb").readline()
        except (ConnectionError, BrokenPipeError):
            answer = b""  # too long a line: it is not read to its end
    assert not answer or "error" in json.loads(answer)
    assert ctl("status")["plan"] == "steered"
    assert run.process.poll() is None
