"""The compile step (`scripts/build/compile_core.py`).

What it compiles is compiled, and what mypyc gets wrong is refused.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from tests.helpers.places import ROOT
from wedload.about import SOURCES_FILE, is_compiled

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = ROOT / "scripts" / "build" / "compile_core.py"


@pytest.fixture(scope="module")
def compile_core():
    spec = importlib.util.spec_from_file_location("compile_core", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_source_is_there_and_fit(compile_core):
    assert len(compile_core.SOURCES) > 20
    assert [problem for path in compile_core.SOURCES for problem in compile_core.unfit(path)] == []


def test_modules_are_all_compiled_or_all_interpreted(compile_core):
    files = [importlib.import_module(f"wedload.{name}").__file__ for name in compile_core.MODULES]
    assert {str(file).endswith(".so") for file in files} == {is_compiled()}


@pytest.mark.skipif("CI" not in os.environ, reason="a machine without a C compiler may do without")
def test_in_ci_the_code_under_load_is_compiled_unless_it_is_told_not_to_be():
    assert is_compiled() == (os.environ.get("WEDLOAD_COMPILE") != "no")


WAITS = {
    "finally": ("try:\n    await a()\nfinally:\n    await b()", 4),
    "except": ("try:\n    await a()\nexcept OSError:\n    await b()\n    raise", 4),
    "deep in a finally": ("try:\n    a()\nfinally:\n    if b:\n        await c()", 5),
    "async with": ("async with a:\n    pass", 1),
    "async for": ("async for a in b:\n    pass", 1),
    "a group": ("try:\n    a()\nexcept* OSError:\n    await b()", 4),
}
FINE = {
    "a wait in try": "try:\n    await a()\nfinally:\n    b()",
    "a wait in else": "try:\n    a()\nexcept OSError:\n    raise\nelse:\n    await b()",
    "after it": "try:\n    a()\nfinally:\n    b()\nawait c()",
    "with": "with a:\n    await b()",
}


def source_of(folder: Path, body: str) -> Path:
    path = folder / "module.py"
    path.write_text("async def f():\n" + textwrap.indent(body, "    ") + "\n")
    return path


@pytest.mark.parametrize(("body", "line"), WAITS.values(), ids=WAITS)
def test_a_wait_while_an_exception_may_be_on_its_way_is_refused(compile_core, tmp_path, body, line):
    (problem,) = compile_core.unfit(source_of(tmp_path, body))
    assert problem.startswith(f"{tmp_path / 'module.py'}:{line + 1}: ")


@pytest.mark.parametrize("body", FINE.values(), ids=FINE)
def test_other_waits_are_fine(compile_core, tmp_path, body):
    assert compile_core.unfit(source_of(tmp_path, body)) == []


def test_what_it_leaves_beside_the_modules_is_what_a_command_looks_for(compile_core):
    assert compile_core.DIGESTS == ROOT / "wedload" / SOURCES_FILE
    names = [line.partition("  ")[2] for line in compile_core.digests().splitlines()]
    assert names[:2] == ["python", "scripts/build/compile_core.py"]
    assert "wedload/alarm.py" in names
    assert len(names) == len(compile_core.SOURCES) + 2


def test_without_a_compiler_it_says_so_and_only_fails_if_it_is_required(compile_core, tmp_path):
    # a copy of what it looks at: this must not touch the modules that other tests have loaded
    (tmp_path / "scripts/build").mkdir(parents=True)
    script = tmp_path / "scripts/build/compile_core.py"
    script.write_bytes(SCRIPT.read_bytes())
    for path in compile_core.SOURCES:
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    stale = tmp_path / "wedload" / "alarm.cpython-311-x86_64-linux-gnu.so"
    stale.write_bytes(b"")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, script, *arguments],
            env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    asked, required = run(), run("--require")
    assert asked.returncode == 0
    assert required.returncode == 1
    assert "no C compiler" in asked.stderr
    assert not stale.exists()
