"""What holds for all tests.

A property has no deadline, as no test may ask for a fast machine. What is tested is what the
sources say: modules that were compiled from others end the session. The sources' bytecode is there
before tests start `wedload` some hundred times: each would begin with making it wherever Python is
told to write none (PYTHONDONTWRITEBYTECODE).
"""

from __future__ import annotations

import compileall
import importlib.util

import pytest
from hypothesis import settings

from tests.helpers.places import ROOT

pytest.register_assert_rewrite("tests.helpers.noise")  # the one that asserts
settings.register_profile("wedload", deadline=None)
settings.load_profile("wedload")

COMPILE = ROOT / "scripts" / "build" / "compile_core.py"


def pytest_sessionstart(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return  # pytest-xdist starts these when all of this is done
    spec = importlib.util.spec_from_file_location("compile_core", COMPILE)
    assert spec is not None
    assert spec.loader is not None
    compile_core = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(compile_core)
    if compile_core.extensions() and not compile_core.is_fresh():
        pytest.exit(
            "the code under load has changed since it was compiled:"
            " run `make compiled`, or `make interpreted` to go without",
            returncode=4,
        )
    compileall.compile_dir(ROOT / "wedload", quiet=2, workers=0)
