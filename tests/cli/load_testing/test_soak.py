"""`soak.sh` as users copy it: real runs, in dash, with spaces in every path."""

from __future__ import annotations

import os
import subprocess
import time

from tests.helpers.load_testing import DEADLINE_S
from wedload.results.read import read_result


def test_soak_keeps_result_table_and_memory(scripts):
    done = scripts("soak.sh", "the plan.toml", OUT="out put", PIDS=str(os.getpid()), EVERY_S="1")

    assert done.returncode == 0, done.stderr
    out = scripts.folder / "out put"
    assert read_result(out / "result.json").verdict == "pass"
    assert (out / "load.csv").read_text().startswith("run,")
    looks = (out / "memory.csv").read_text().splitlines()
    assert looks[0] == "utc,process,kb"
    assert len(looks) >= 4
    assert int(looks[1].split(",")[2]) > 1000


def test_soak_that_is_killed_leaves_what_it_recorded(scripts):
    plan = (scripts.folder / "the plan.toml").read_text().replace('"1s"', '"60s"')
    (scripts.folder / "the plan.toml").write_text(plan)
    started = scripts.start("soak.sh", "the plan.toml", OUT="out")
    log = scripts.folder / "out" / "log.txt"
    deadline = time.monotonic() + DEADLINE_S
    while not (log.exists() and "00:05 of 01:00" in log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    children = subprocess.run(
        ["pgrep", "-P", str(started.pid), "-f", "wedload run"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    os.kill(int(children.stdout.split()[0]), 9)

    assert started.wait(DEADLINE_S) == 4, started.stdout.read()
    assert "was cut off" in started.stdout.read()
    started.stdout.close()
    partial = read_result(scripts.folder / "out" / "result.json.partial")
    assert not partial.run.complete
