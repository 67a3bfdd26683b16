"""A run that is killed: what it silenced runs out by itself, or is ended by `wedload cleanup`."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tests.helpers.alertmanagers import wait_for
from tests.helpers.places import WEDLOAD
from tests.integration.alerting.test_alertmanager import SILENCE, write


@pytest.fixture
def started(tmp_path, target, alertmanager):
    processes = []

    def start(more):
        path = write(tmp_path, target, alertmanager.url, more, duration="60s")
        with (tmp_path / "run.err").open("wb") as err:
            processes.append(
                subprocess.Popen(
                    [WEDLOAD, "run", str(path), "-o", "r.json"], cwd=tmp_path,
                    stdout=subprocess.DEVNULL, stderr=err, start_new_session=True,
                )
            )  # fmt: skip
        wait_for(lambda: alertmanager.states() == ["active"])
        wait_for(lambda: target.requests)
        return processes[-1]

    yield start
    for one in processes:
        one.kill()
        one.wait()


def cleaned(tmp_path):
    return subprocess.run(
        [WEDLOAD, "cleanup"], cwd=tmp_path, capture_output=True, text=True, check=False
    )


def test_a_silence_of_a_killed_run_runs_out_by_itself(started, tmp_path, alertmanager):
    process = started(SILENCE.format("staging"))
    os.killpg(process.pid, signal.SIGKILL)
    assert alertmanager.states() == ["active"]
    wait_for(lambda: alertmanager.states() == ["expired"])
    assert cleaned(tmp_path).returncode == 0  # nothing is left, and that is no mistake


def test_wedload_cleanup_ends_it_at_once(started, tmp_path, alertmanager):
    process = started('silence = { environment = "staging" }\n')  # for a minute
    os.killpg(process.pid, signal.SIGKILL)
    done = cleaned(tmp_path)
    assert done.returncode == 0, done.stderr
    assert alertmanager.states() == ["expired"]
    assert '"silences_ended": 1' in done.stdout or '"silences_ended":1' in done.stdout
    assert "1 silence of alerts ended" in done.stderr
    assert not list((tmp_path / ".wedload" / "runs").glob("*/journal"))


def test_an_interrupt_ends_it(started, alertmanager):
    process = started('silence = { environment = "staging" }\n')
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert alertmanager.states() == ["expired"]


def test_two_interrupts_end_it_too(started, alertmanager):
    process = started('silence = { environment = "staging" }\n')
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    assert alertmanager.states() == ["expired"]
