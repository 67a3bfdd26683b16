"""What runs once more where nothing is compiled (`tests/helpers/core_tests.py`)."""

from __future__ import annotations

import pytest

from tests.helpers.core_tests import TESTS, UNIT, compiled, imported, is_about_core
from tests.helpers.places import ROOT

SELECTED = [
    file
    for folder in (UNIT, TESTS / "property")
    for file in folder.rglob("test_*.py")
    if is_about_core(file)
]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("unit/engine/test_engine.py", "beside compiled modules"),
        ("unit/fleet/test_local.py", "starts load processes"),
        ("unit/test_alarm.py", "imports one"),
        ("unit/test_about.py", "imports what tells whether they are compiled"),
        ("property/test_wire_noise.py", "imports one by a helper"),
    ],
)
def test_tests_about_compiled_code_are_told_by_where_they_lie_and_what_they_import(file, why):
    assert is_about_core(TESTS / file), why


def test_tests_that_import_nothing_of_it_are_none_even_where_it_runs_below():
    assert not is_about_core(UNIT / "comparison" / "test_compare.py")
    assert not is_about_core(UNIT / "report" / "test_live.py")


def test_every_compiled_module_has_some():
    reached = set().union(*(imported(file) for file in SELECTED))
    folders = {
        ROOT / "wedload" / one.parent.relative_to(UNIT) for one in SELECTED if UNIT in one.parents
    }

    left = {one for one in compiled() - reached if not folders & {one.parent, one.parent.parent}}
    assert left == set()


def test_what_is_imported_for_types_alone_counts_for_nothing(tmp_path):
    file = tmp_path / "test_it.py"
    words = "from wedload.workload.schedule import VuSchedule\n"

    file.write_text(words)
    assert imported(file) == {ROOT / "wedload" / "workload" / "schedule.py"}

    file = tmp_path / "test_types.py"
    file.write_text(f"if TYPE_CHECKING:\n    {words}\nx = 1\n")
    assert imported(file) == set()
