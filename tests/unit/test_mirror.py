"""Unit tests (`tests/unit`) are found by the name of what they are about."""

from __future__ import annotations

import ast
import re

import pytest

from tests.helpers.places import ROOT

UNIT = ROOT / "tests" / "unit"
FILES = sorted(UNIT.rglob("test_*.py"))


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(UNIT)) for file in FILES])
def test_each_mirrors_a_module_or_names_what_it_is_about(file):
    about = file.relative_to(UNIT).with_stem(file.stem.removeprefix("test_"))
    mirrored = {ROOT / "wedload" / about, ROOT / about}
    said = re.findall(r"`([^`]+)`", ast.get_docstring(ast.parse(file.read_text())) or "")
    named = {root / path for path in said for root in (ROOT / "wedload", ROOT)}
    folders = {path.with_suffix("") for path in mirrored}
    assert any(path.exists() for path in mirrored | named | folders)
