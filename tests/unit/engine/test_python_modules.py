"""Modules of `python` steps: where they are found, and what is said of those that are not."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import sys
from itertools import count

import pytest

from wedload.engine.python_modules import PythonModules, mentions_clean_up
from wedload.errors import WedloadError
from wedload.plan.verbs.python import Coroutine

NAMES = count()


@pytest.fixture
def modules(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    return PythonModules(str(tmp_path))


@pytest.fixture
def name():
    """One that no other test has imported."""
    return f"own_{next(NAMES)}"


def test_a_module_of_the_plans_folder_is_found_and_may_import_its_neighbours(
    modules, tmp_path, name
):
    (tmp_path / f"{name}.py").write_text(f"import {name}_more\nflow = {name}_more.flow\n")
    (tmp_path / f"{name}_more.py").write_text("async def flow(vu): return 5\n")

    assert modules.function(Coroutine(name, "flow")).__module__ == f"{name}_more"
    assert not (tmp_path / "__pycache__").exists()


def test_a_module_within_a_package_is_named_with_dots(modules, tmp_path, name):
    package = tmp_path / name / "deep"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "flows.py").write_text("from .. import deep\nasync def flow(vu): pass\n")

    assert modules.function(Coroutine(f"{name}.deep.flows", "flow"))


def test_what_is_installed_is_found_too(modules):
    assert modules.function(Coroutine("asyncio.tasks", "wait_for"))


def test_a_module_of_the_folder_does_not_replace_one_of_python(modules, tmp_path):
    (tmp_path / "json.py").write_text("async def flow(vu): pass\n")

    with pytest.raises(WedloadError, match="has the name of a module of Python or wedload"):
        modules.function(Coroutine("json", "flow"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "there is no module {name}, neither in {folder} nor installed"),
        ("import nowhere_at_all\n", "ModuleNotFoundError: No module named 'nowhere_at_all' ({file}:1)"),
        ("def flow(vu): pass\n", "flow of {file} is no coroutine function"),
        ("async def flwo(vu): pass\n", "{file} has no flow"),
        ("\nasync def flow(vu:\n", "SyntaxError: '(' was never closed ({file}:2)"),
        ("\n1 / 0\n", "ZeroDivisionError: division by zero ({file}:2)"),
        ("raise SystemExit('bye')\n", "SystemExit: bye ({file}:1)"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_module_is_said_with_its_line(modules, tmp_path, name, text, said):
    file = tmp_path / f"{name}.py"
    if text is not None:
        file.write_text(text)

    with pytest.raises(WedloadError) as raised:
        modules.function(Coroutine(name, "flow"))

    assert f'python = "{name}:flow"' in raised.value.message
    assert said.format(name=name, folder=tmp_path, file=file) in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize(
    ("code", "mentions"),
    [
        ("async def flow(vu):\n    await vu.clean_up('/forms/1')\n", True),
        (
            "async def flow(vu):\n    await tidy(vu)\nasync def tidy(vu):\n    vu.clean_up('/')\n",
            True,
        ),
        ("async def flow(vu):\n    pass\n", False),
    ],
)
def test_whether_a_file_has_clean_up_is_read_from_it(modules, tmp_path, name, code, mentions):
    (tmp_path / f"{name}.py").write_text(code)
    flow = modules.function(Coroutine(name, "flow"))

    assert mentions_clean_up(flow) is mentions


def test_a_file_that_cannot_be_read_may_have_clean_up(modules, tmp_path, name):
    (tmp_path / f"{name}.py").write_text("async def flow(vu): pass\n")
    flow = modules.function(Coroutine(name, "flow"))
    del sys.modules[name]

    assert mentions_clean_up(flow)
