"""What holds for all tests.

A property has no deadline, as no test may ask for a fast machine. What is tested is what the
sources say: modules that were compiled from others end the session. Bytecode is there before tests
start `wedload` some hundred times, and before several processes import all tests: each would begin
with making it wherever Python is told to write none (PYTHONDONTWRITEBYTECODE).

Beside each other, files that mostly wait and files that mostly compute use a machine's cores best:
tests that are spread over processes take turns of both.
"""

from __future__ import annotations

import compileall
import gc
import importlib.util
import os
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.helpers.core_tests import COMPILE, is_about_core
from tests.helpers.environment import start_quickly
from tests.helpers.places import ROOT
from tests.helpers.postgres import postgres_programs, running_cluster
from tests.helpers.rewritten import rewrite_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.helpers.postgres import Cluster

pytest.register_assert_rewrite("tests.helpers.noise")  # the one that asserts
settings.register_profile("wedload", deadline=None)
settings.load_profile("wedload")
start_quickly()

#: files whose asserts pytest rewrites
REWRITTEN = ("test_*.py", "conftest.py", "noise.py")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL that all tests share; each has databases of its own."""
    binaries = postgres_programs()
    if binaries is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL's binaries are missing, and CI must test on both databases")
        pytest.skip("PostgreSQL is not installed")
    with running_cluster(binaries) as cluster:
        yield cluster


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
    for folder in ("wedload", "tests/helpers", "benchmarks"):
        compileall.compile_dir(ROOT / folder, quiet=2, workers=0)
    if session.config.getoption("dist", "no") != "no":
        rewrite_all(file for name in REWRITTEN for file in (ROOT / "tests").rglob(name))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--core", action="store_true", help="only tests about the code that can be compiled"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if not config.getoption("core") or not collection_path.name.startswith("test_"):
        return None
    return (collection_path.is_file() and not is_about_core(collection_path)) or None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Of the million objects that tests are kept in none is garbage: look through them never."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


#: where tests wait, for runs and servers; the longest come first, lest all others wait for one
WAITING = ("cli", "integration")
#: where they load the machine while they wait: never two files at a time
LOADING = "performance"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not hasattr(config, "workerinput"):
        return
    files = [(path, list(of_it)) for path, of_it in groupby(items, key=lambda item: item.path)]
    waiting = sorted(
        (one for one in files if folder(one[0]) in WAITING),
        key=lambda one: WAITING.index(folder(one[0])),
    )
    loading = [one for one in files if folder(one[0]) == LOADING]
    for n, one in enumerate(loading):
        waiting.insert(n * len(waiting) // len(loading), one)
    computing = [one for one in files if folder(one[0]) not in (*WAITING, LOADING)]
    # the last of those that compute, which are short, come when nothing is left to wait for
    places = [(n / len(waiting), one) for n, one in enumerate(waiting)]
    places += [(1.1 * n / len(computing), one) for n, one in enumerate(computing)]
    places.sort(key=lambda place: place[0])
    items[:] = [item for _, (_, of_it) in places for item in of_it]


def folder(path: Path) -> str:
    """Which part of the tests a file belongs to: cli, unit …."""
    return path.relative_to(ROOT / "tests").parts[0]
