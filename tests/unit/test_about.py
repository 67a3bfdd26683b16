"""Which wedload this is, and whether its compiled code is what its sources say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

import wedload
from wedload.about import SOURCES_FILE, first_changed

PACKAGE = Path(wedload.__file__).parent


def line(text: bytes, name: str) -> str:
    return f"{sha256(text).hexdigest()}  {name}\n"


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "wedload"
    folder.mkdir()
    (folder / "alarm.py").write_bytes(b"a = 1")
    (folder / SOURCES_FILE).write_text(
        line(b"3.11", "python") + line(b"gone", "scripts/x.py") + line(b"a = 1", "wedload/alarm.py")
    )
    return folder


def test_sources_as_they_were_are_no_change(package):
    assert first_changed(package) is None


def test_a_source_that_differs_or_is_gone_is_named(package):
    (package / "alarm.py").write_bytes(b"a = 2")
    assert first_changed(package) == "wedload/alarm.py"

    (package / "alarm.py").unlink()
    assert first_changed(package) == "wedload/alarm.py"


def test_modules_that_nobody_said_anything_about_are_not_trusted(package):
    (package / SOURCES_FILE).unlink()
    assert first_changed(package) == f"wedload/{SOURCES_FILE}"


def test_a_command_refuses_compiled_code_that_is_older_than_its_sources(tmp_path):
    """A copy of the package that says to be compiled, and of another source."""
    copy = tmp_path / "wedload"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    (copy / "compiled__mypyc.py").touch()
    (copy / SOURCES_FILE).write_text(line(b"an older one", "wedload/alarm.py"))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "from wedload.cli import main; main()", *arguments],
            env={**os.environ, "PYTHONPATH": str(tmp_path)}, cwd=tmp_path,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    refused, version = run("schema"), run("--version")

    assert refused.returncode == 4
    assert "the compiled code is older than wedload/alarm.py" in refused.stderr
    assert "make compiled" in refused.stderr
    assert refused.stdout == ""
    assert version.stdout.endswith("(compiled, out of date)\n")
