"""Control sockets: which run is meant, who may use them, and what is refused."""

from __future__ import annotations

import json
import socket
import stat

import pytest

from tests.helpers.steered import folder_of, until
from wedload.control.folder import short_address


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
