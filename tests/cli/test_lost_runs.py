"""What is left of a run when wedload is killed, or its disk is full."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import pytest

from tests.helpers.places import WEDLOAD
from wedload.results.read import read_result

from .conftest import environment


@pytest.fixture
def endless(wedload, server, small_text):
    text = small_text.replace("{url}", server.url).replace('"400ms"', '"60s"')
    return wedload.plan(text)


def has_seconds(path, count):
    """Whether a recording has so many of its load process, beside what is sampled each second."""

    def there():
        lines = path.read_bytes().splitlines() if path.exists() else []
        return sum(b'"worker":0' in line for line in lines) >= count

    return there


def gone(processes):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(one.is_running() for one in processes):
        time.sleep(0.05)
    return not any(one.is_running() for one in processes)


@pytest.mark.parametrize("output", [None, "mine.json"])
def test_a_killed_run_leaves_what_it_had_recorded(wedload, endless, output):
    started = wedload.start("run", endless, *(["-o", output] if output else []))
    if output is None:
        started.wait_until(
            lambda: list(wedload.folder.glob(".wedload/runs/*/*.partial")), "a recording"
        )
        (path,) = wedload.folder.glob(".wedload/runs/*/result.json.partial")
    else:
        path = wedload.folder / "mine.json.partial"
    started.wait_until(has_seconds(path, 4), "some seconds")
    processes = started.descendants()
    started.process.send_signal(signal.SIGKILL)
    started.process.wait()

    assert gone(processes)
    result = read_result(path)
    assert not result.run.complete
    assert result.verdict == "invalid"
    assert result.run.duration_s >= 3
    assert result.metrics["http_reqs"].count > 50
    assert [step.step for step in result.steps] == ["look"]
    assert not path.with_suffix("").exists()  # no result that might be taken for a whole one


def test_a_finished_run_leaves_no_recording(wedload, small):
    assert wedload("run", small, "-o", "r.json").code == 0
    assert wedload("run", small).code == 0
    assert wedload("run", small, "-o", "/dev/null").code == 0

    assert list(wedload.folder.rglob("*.partial")) == []
    assert len(list(wedload.folder.glob(".wedload/runs/*"))) == 1  # of the second one


def test_interrupting_twice_says_where_the_recording_is_and_that_says_so_too(
    wedload, endless, server
):
    started = wedload.start("run", endless, "-o", "r.json")
    path = wedload.folder / "r.json.partial"
    started.wait_until(has_seconds(path, 3), "some seconds")
    server.delay_s = lambda _: 10.0  # from now on iterations take longer than anybody waits
    sent = len(server.requests)
    started.wait_until(lambda: len(server.requests) > sent, "an iteration that does not end")
    started.process.send_signal(signal.SIGINT)
    started.wait_for("stopping")
    started.process.send_signal(signal.SIGINT)

    assert started.process.wait(timeout=30) == 130
    assert "what was recorded until then: r.json.partial" in started.err
    assert "stopped at once: nothing was judged, and nothing cleaned up" in started.err
    result = read_result(path)
    assert result.metrics["http_reqs"].count > 0
    assert (result.run.interrupted, result.run.complete) == (True, False)
    assert "A second interrupt stopped everything at once" in result.reasons[0]


def test_a_report_of_a_run_that_goes_on_says_so(wedload, endless):
    started = wedload.start("run", endless, "-o", "r.json")
    path = wedload.folder / "r.json.partial"
    started.wait_until(has_seconds(path, 3), "some seconds")

    result = read_result(path)

    assert "The run is still under way" in result.reasons[0]
    assert result.verdict == "invalid"


def on_a_full_disk(folder, *arguments):
    """The command, in a folder that is a disk of its own, of one block that is taken."""
    script = (
        'mount -t tmpfs -o size=4k none "$1" && cd "$1" && head -c 4096 /dev/zero > full'
        ' && shift && exec "$@"'
    )
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, "sh", folder, WEDLOAD, *map(str, arguments)],
        capture_output=True, text=True, check=False, timeout=60, env=environment(),
    )  # fmt: skip


@pytest.fixture
def disk(tmp_path):
    """A folder for a disk; mounting one takes a namespace of one's own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    tried = shutil.which("unshare") and subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", folder], check=False
    )
    if not tried or tried.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no disk can be mounted here")
    return folder


def test_on_a_full_disk_the_result_is_on_stdout_and_the_disk_is_named(wedload, small, disk):
    done = on_a_full_disk(disk, "run", small)

    assert done.returncode == 0, done.stderr
    assert '"verdict": "pass"' in done.stdout
    said = " ".join(done.stderr.split())
    assert "the run cannot be recorded in .wedload/runs/" in said
    assert "the result could not be written to .wedload/runs/" in said
    assert "No space left on device; it is on stdout" in said
    assert "Traceback" not in done.stderr
