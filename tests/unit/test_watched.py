"""The build's waits (`scripts/build/watched.py`): what goes on is said, and how it went."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.helpers.places import ROOT

SCRIPT = ROOT / "scripts" / "build" / "watched.py"


def watched(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, SCRIPT, "installing", sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("code", "how"), [(0, "done"), (3, "failed")])
def test_the_end_of_a_command_is_told_and_its_exit_code_kept(code, how):
    done = watched(f"raise SystemExit({code})")
    assert done.returncode == code
    begin, end = done.stdout.splitlines()
    assert begin == "installing …"
    assert end.startswith(f"installing … {how} in ")


def test_what_a_command_says_is_not_lost():
    done = watched("import sys; print('a warning'); print('an error', file=sys.stderr)")
    assert sorted(done.stderr.splitlines()) == ["a warning", "an error"]


def test_what_goes_on_is_told_before_it_is_over():
    command = [sys.executable, SCRIPT, "installing", sys.executable, "-c", "input()"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "installing …\n"
        assert process.poll() is None
        process.communicate("go on\n")
    assert process.returncode == 0
