"""Where the result goes, and where it goes when it cannot go there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path


def test_folder_that_vanishes_during_the_run_sends_the_result_to_stdout(wedload, small):
    folder = wedload.folder / "out"
    folder.mkdir()
    run = wedload.start("run", small, "--set", "scenarios.main.duration=1s", "-o", "out/r.json")
    run.under_load(0)
    shutil.rmtree(folder)

    done = run.wait()

    assert done.code == 0, done.err
    assert done.result["verdict"] == "pass"
    assert "could not be written to out/r.json" in " ".join(done.err.split())
    assert "it is on stdout" in " ".join(done.err.split())
    assert "Traceback" not in done.err


def test_disk_without_room_sends_the_result_to_stdout_and_leaves_no_half_file(wedload, small):
    limit = ("sh", "-c", 'ulimit -f 4; exec "$@"', "sh")  # blocks of 512 bytes a file

    done = wedload("run", small, "-o", "r.json", under=limit)

    assert done.code == 0, done.err
    assert done.result["verdict"] == "pass"
    assert "could not be written to r.json: File too large; it is on stdout" in " ".join(
        done.err.split()
    )
    assert wedload.files() == ["r.json.partial"]  # as much of its recording as there was room for


def test_older_result_is_replaced_whole(wedload, small):
    old = wedload.folder / "r.json"
    old.write_text("old " * 100_000)

    done = wedload("run", small, "-o", "r.json")

    assert json.loads(old.read_bytes()) == done.result
    assert wedload.files() == ["r.json"]


def test_result_goes_through_a_named_pipe_that_stays_one(wedload, small):
    pipe = wedload.folder / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)

    done = wedload("run", small, "-o", "pipe")

    out, _ = reader.communicate(timeout=20)
    assert pipe.is_fifo()
    assert json.loads(out) == done.result
    assert wedload.files() == ["pipe"]


def test_result_goes_to_where_a_link_points_and_the_link_stays(wedload, small):
    (wedload.folder / "elsewhere").mkdir()
    link = wedload.folder / "latest.json"
    link.symlink_to("elsewhere/r.json")

    done = wedload("run", small, "-o", "latest.json")

    assert link.is_symlink()
    assert json.loads((wedload.folder / "elsewhere" / "r.json").read_bytes()) == done.result


def test_stdout_that_takes_nothing_is_told_without_a_traceback(wedload, small):
    with Path("/dev/full").open("wb") as full:
        done = wedload("run", small, "-o", "r.json", stdout=full)

    assert done.code == 4, done.err
    assert "Traceback" not in done.err
    assert "stdout: No space left on device" in " ".join(done.err.split())
    assert json.loads((wedload.folder / "r.json").read_bytes())["verdict"] == "pass"
