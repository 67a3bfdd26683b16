"""`nightly.sh` with a stand-in for wedload: what it does with the answers."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.helpers.load_testing import DEADLINE_S, calls

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("run", "compare", "changes", "code", "outcome", "good"),
    [
        (0, 0, {}, 0, "pass", True),
        (0, 1, {}, 1, "regression", False),
        (0, 3, {}, 0, "inconclusive", False),
        (0, 3, {"STRICT": "1"}, 3, "inconclusive", False),
        (0, 3, {"COMPARABLE": "false"}, 0, "pass", True),
        (0, 4, {}, 4, "failed", False),
        (1, 0, {}, 1, "missed", False),
        (1, 1, {}, 1, "missed-and-regression", False),
        (2, 0, {}, 2, "wrong", False),
        (3, 0, {}, 3, "invalid", False),
        (4, 0, {}, 4, "failed", False),
        (130, 0, {}, 4, "interrupted", False),
        (7, 0, {}, 4, "failed", False),
    ],
)  # fmt: skip
def test_night_tells_by_its_exit_code_and_only_a_good_one_is_compared_with(
    scripts, quick, run, compare, changes, code, outcome, good
):
    assert quick("nightly.sh", "the plan.toml").returncode == 0
    (first,) = scripts.nights()

    done = quick(
        "nightly.sh", "the plan.toml", RUN=str(run), COMPARE=str(compare),
        HOOK='echo "$OUTCOME $STATUS" > heard', **changes,
    )  # fmt: skip

    assert done.returncode == code, done.stderr
    assert (scripts.folder / "heard").read_text() == f"{outcome} {code}\n"
    newest = scripts.nights()[-1]
    assert newest != first
    last_good = (scripts.history / "last-good").read_text().strip()
    assert last_good == (newest.name if good else first.name)


def test_invalid_run_is_kept_and_repeated_once(scripts, quick):
    done = quick("nightly.sh", "the plan.toml", RUN="3")

    assert done.returncode == 3
    (night,) = scripts.nights()
    assert sorted(path.name for path in night.glob("invalid/*")) == ["1-0.json", "1-1.json"]
    assert sum(call.startswith("run ") for call in calls(scripts)) == 2


def test_only_so_many_nights_are_kept_and_the_last_good_one_always(scripts, quick):
    quick("nightly.sh", "the plan.toml", KEEP="2")
    (good,) = scripts.nights()
    for _ in range(3):
        quick("nightly.sh", "the plan.toml", KEEP="2", COMPARE="1")

    nights = scripts.nights()
    assert good in nights
    assert len(nights) == 3  # two, and the last good one


def test_result_that_could_not_be_written_is_rescued_from_stdout(scripts, quick):
    done = quick("nightly.sh", "the plan.toml", FULL="yes")

    assert done.returncode == 0, done.stderr
    (night,) = scripts.nights()
    assert (night / "results" / "1.json").read_text() == "{}\n"
    assert "rescued from stdout" in (night / "log.txt").read_text()


def test_hook_that_fails_changes_no_exit_code_and_is_told_of(quick):
    done = quick("nightly.sh", "the plan.toml", HOOK="exit 9")

    assert done.returncode == 0
    assert "the hook failed: exit 9" in done.stderr


@pytest.mark.parametrize("with_flock", [True, False])
def test_two_nights_never_overlap(scripts, quick, tmp_path, with_flock):
    path = os.environ["PATH"] if with_flock else without_flock(tmp_path / "bin")
    started = scripts.start(
        "nightly.sh", "the plan.toml", WEDLOAD=str(scripts.folder / "fake wedload"), SLEEP="5",
        PATH=path,
    )  # fmt: skip
    deadline = time.monotonic() + DEADLINE_S
    while not (scripts.folder / "calls").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)

    second = quick("nightly.sh", "the plan.toml", PATH=path)

    assert second.returncode == 4
    assert "still running" in second.stderr
    assert started.wait(DEADLINE_S) == 0, started.stdout.read()
    started.stdout.close()
    assert quick("nightly.sh", "the plan.toml", PATH=path).returncode == 0


def test_lock_of_a_script_that_is_gone_is_taken_over(scripts, quick, tmp_path):
    lock = scripts.history / ".lock.d"
    lock.mkdir(parents=True)
    gone = subprocess.Popen(["true"])
    gone.wait()
    (lock / "pid").write_text(f"{gone.pid}\n")

    done = quick("nightly.sh", "the plan.toml", PATH=without_flock(tmp_path / "bin"))

    assert done.returncode == 0, done.stderr
    assert not lock.exists()


def without_flock(folder: Path) -> str:
    """A PATH with everything that the scripts need, but flock."""
    folder.mkdir()
    for name in ("sh", "cat", "date", "mkdir", "mv", "rm", "sleep", "basename", "dirname", "grep"):
        (folder / name).symlink_to(shutil.which(name))
    return str(folder)
