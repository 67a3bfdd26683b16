"""What all the scripts that users copy have in common: their help, and what they refuse."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from tests.helpers.load_testing import SCRIPTS

NAMES = ("nightly.sh", "gate.sh", "soak.sh")


def test_shellcheck_has_no_complaint():
    found = shutil.which("shellcheck")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("shellcheck is missing, and CI must check the scripts")
        pytest.skip("shellcheck is not installed")
    files = sorted(str(path.relative_to(SCRIPTS.parents[1])) for path in SCRIPTS.glob("*.sh"))

    done = subprocess.run(
        [found, "-x", *files], cwd=SCRIPTS.parents[1], capture_output=True, text=True, check=False
    )

    assert len(files) == 5
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("shell", ["dash", "bash"])
@pytest.mark.parametrize("name", NAMES)
def test_each_explains_itself_and_refuses_what_makes_no_sense(scripts, name, shell):
    helped = scripts(name, "-h", shell=shell)
    without, gone = scripts(name, shell=shell), scripts(name, "gone.toml", shell=shell)

    assert helped.returncode == 0
    assert helped.stdout.startswith(f"Usage: {name} PLAN")
    assert "Exit codes: 0 " in helped.stdout
    assert max(map(len, helped.stdout.splitlines())) <= 80
    assert (without.returncode, gone.returncode) == (2, 2)
    assert "no plan was given" in without.stderr
    assert "the plan gone.toml does not exist" in gone.stderr


@pytest.mark.parametrize(
    ("name", "variables", "said"),
    [
        ("nightly.sh", {"RUNS": "0"}, "RUNS=0 is no whole number"),
        ("nightly.sh", {"KEEP": "x"}, "KEEP=x is no whole number"),
        ("nightly.sh", {"MARGIN": "100%"}, "MARGIN=100% is no share"),
        ("gate.sh", {"MARGIN": "5"}, "MARGIN=5 is no share"),
        ("nightly.sh", {"BASELINE": "gone"}, "BASELINE=gone does not exist"),
        ("nightly.sh", {"WEDLOAD": "/no/wedload"}, "/no/wedload is not a command"),
        ("gate.sh", {}, "set MAIN_URL and CHANGE_URL"),
        ("gate.sh", {"MAIN_START": "true"}, "set both MAIN_START and CHANGE_START"),
        ("soak.sh", {"PIDS": "999999999"}, "there is no process 999999999"),
        ("soak.sh", {"EVERY_S": "1h"}, "EVERY_S=1h is no whole number"),
    ],
)
def test_wrong_variables_exit_with_2_before_any_run(scripts, name, variables, said):
    done = scripts(name, "the plan.toml", **variables)

    assert done.returncode == 2
    assert said in done.stderr
    assert not (scripts.folder / "load-history").exists()
