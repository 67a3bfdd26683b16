"""A small process tree, measured for real."""

from __future__ import annotations

import sys

import psutil

from benchmarks.measure import Cores, measure

_TREE = """
import subprocess, sys
child = "import time; x = b'1' * 60_000_000; sum(range(5_000_000)); time.sleep(1)"
subprocess.Popen([sys.executable, "-c", child], start_new_session=True).wait()
print("done")
"""
_ORPHAN = """
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid)
"""


def _measure(code, folder, deadline_s=60.0):
    return measure(
        [sys.executable, "-c", code],
        cores=Cores.choose(), env={}, folder=folder, deadline_s=deadline_s,
    )  # fmt: skip


def test_the_whole_tree_is_counted_from_the_command_to_its_children(tmp_path):
    usage = _measure(_TREE, tmp_path)
    assert (usage.returncode, usage.timed_out) == (0, False)
    assert (tmp_path / "stdout").read_text() == "done\n"
    assert len(usage.processes) == 2
    assert usage.largest_mb > 57
    assert usage.sum_mb >= usage.largest_mb
    assert usage.cpu_s > 0
    assert usage.cpu_s >= max(process["cpu_s"] for process in usage.processes)


def test_a_command_that_does_not_end_is_ended_with_its_tree(tmp_path):
    usage = _measure("import time; time.sleep(600)", tmp_path, deadline_s=0.5)
    assert usage.timed_out
    assert usage.wall_s < 600


def test_what_a_command_leaves_behind_is_ended(tmp_path):
    usage = _measure(_ORPHAN, tmp_path)
    assert usage.returncode == 0
    assert not psutil.pid_exists(int((tmp_path / "stdout").read_text()))
