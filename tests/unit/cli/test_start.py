"""What a command costs before and after its work (`cli/__init__.py`): counted, not timed."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: runs the command line as its console script does, and tells what an exit handler sees
ENDING = """\
import atexit, gc, sys
sys.argv = ["wedload", "--version"]
began = len(gc.get_objects())
looked = []
def look(phase, info):
    if phase == "start" and "wedload.cli.app" in sys.modules:  # the command itself has begun
        looked.append(info["generation"])
gc.callbacks.append(look)
atexit.register(lambda: print(len(gc.get_objects()) < began, looked))
from wedload.cli import main
main()
"""


def run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return done.stdout.decode()


def test_a_short_command_never_looks_for_garbage_and_leaves_none_to_be_looked_through():
    assert run(ENDING).splitlines()[-1] == "True []"


@pytest.mark.parametrize(
    ("command", "packages"),
    [
        ("app", {"numpy", "pydantic", "rich", "asyncio"}),
        ("ctl", {"numpy", "pydantic", "wedload.run", "wedload.fleet"}),
        ("check", {"numpy", "wedload.run", "wedload.results.model"}),
        ("run", {"plotly", "wedload.analysis", "wedload.report.junit", "wedload.report.markdown"}),
    ],
)
def test_a_command_imports_only_what_it_needs(command, packages):
    script = (
        "import sys; import wedload.cli.app, wedload.cli.report_files, wedload.cli.{};"
        "print(*sys.modules)"
    )
    loaded = set(run(script.format(command)).split())
    assert f"wedload.cli.{command}" in loaded
    assert packages & loaded == set()
