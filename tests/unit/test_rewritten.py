"""Bytecode of tests for all processes that run them (`tests/helpers/rewritten.py`)."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.helpers.rewritten import rewrite

ONE = "def test_one():\n    assert 'one' == 'two'\n"


def collected(folder):
    """What pytest says of the files there, while it traces what it does about bytecode."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider"),
            *("--rootdir", folder, "-c", os.devnull, "--debug=trace", "--import-mode=importlib"),
        ],
        cwd=folder, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    ).stdout  # fmt: skip


def test_pytest_takes_what_is_made_and_explains_asserts_as_ever(tmp_path):
    file = tmp_path / "test_one.py"
    file.write_text(ONE)
    rewrite(file)

    said = collected(tmp_path)

    trace = (tmp_path / "trace").read_text()
    assert f"found cached rewritten pyc for {file}" in trace
    assert f"rewriting {file!r}" not in trace
    assert "- two" in said
    assert "+ one" in said


def test_what_has_changed_is_made_anew(tmp_path):
    file = tmp_path / "test_one.py"
    file.write_text(ONE)
    rewrite(file)
    file.write_text(ONE.replace("two", "2"))
    rewrite(file)

    said = collected(tmp_path)

    assert "found cached" in (tmp_path / "trace").read_text()
    assert "- 2" in said
