"""Which tests are about the code that can be compiled: what differs when it is interpreted.

Those that lie where the tests of its packages lie, those that import it – themselves, by helpers
or by what their folder shares –, those that start processes which run it, and those of what tells
whether it is compiled. All others see it through code that is always interpreted, and would say the
same once more.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from typing import TYPE_CHECKING

from tests.helpers.places import ROOT

if TYPE_CHECKING:
    from pathlib import Path

TESTS = ROOT / "tests"
UNIT = TESTS / "unit"
COMPILE = ROOT / "scripts" / "build" / "compile_core.py"
#: packages that start load processes
STARTING = frozenset({"fleet"})
#: tells whether the code is compiled
TELLING = ROOT / "wedload" / "about.py"
_IMPORT = re.compile(
    r"^[ \t]*(?:from|import) ((?:wedload|tests|benchmarks)[\w.]*)(?: import (\([^)]*\)|[^\n]*))?",
    re.MULTILINE,
)
_FOR_TYPES = re.compile(r"^if TYPE_CHECKING:\n(?:[ \t].*\n|\n)+", re.MULTILINE)


@cache
def compiled() -> frozenset[Path]:
    """The sources that can be compiled."""
    spec = importlib.util.spec_from_file_location("compile_core", COMPILE)
    assert spec is not None
    assert spec.loader is not None
    compile_core = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compile_core)
    return frozenset(compile_core.SOURCES)


def is_about_core(file: Path) -> bool:
    """Whether the tests of a file are about compiled code."""
    return _is_beside(file) or bool(imported(file))


def imported(file: Path) -> set[Path]:
    """Which of these sources the tests of a file import."""
    seen: set[Path] = set()
    found: set[Path] = set()
    shared = [folder / "conftest.py" for folder in file.parents if UNIT in folder.parents]
    left = [file, *(one for one in shared if one.exists())]
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        imports = imports_of(one)
        found |= imports & {*compiled(), TELLING}
        left += [other for other in imports if ROOT / "wedload" not in other.parents]
    return found


@cache
def imports_of(file: Path) -> frozenset[Path]:
    """The files of this repository that one imports when it runs."""
    found = set()
    for module, words in _IMPORT.findall(_FOR_TYPES.sub("", file.read_text())):
        names = re.findall(r"\w+", words)
        for name in (module, *(f"{module}.{one}" for one in names)):
            path = ROOT.joinpath(*name.split("."))
            found |= {path.with_suffix(".py"), path / "__init__.py"}
    return frozenset(one for one in found if one.exists())


def _is_beside(file: Path) -> bool:
    if UNIT not in file.parents:
        return False
    package = ROOT / "wedload" / file.parent.relative_to(UNIT)
    return bool(STARTING & set(file.relative_to(UNIT).parts)) or (
        file.parent != UNIT and any(one.parent == package for one in compiled())
    )
