"""Code of a plan's own runs only where the command line says so."""

from __future__ import annotations

import pytest

from tests.helpers.plans import SMALLEST
from wedload.errors import PlanError
from wedload.plan.loader import parse_plan
from wedload.safety.own_code import folder_of_code

STEPS = """\
[[setup]]
python = "flows:prepare"
[[workflows.visit]]
name = "own"
python = "flows:send"
"""


def loaded(text, tmp_path):
    return parse_plan(text, file=str(tmp_path / "plan.toml"), base=tmp_path)


def test_every_step_that_runs_code_is_told_with_its_line_and_the_option(tmp_path):
    with pytest.raises(PlanError) as refused:
        folder_of_code(loaded(SMALLEST + STEPS, tmp_path), allowed=False)

    assert [(one.line, one.hint) for one in refused.value.problems] == [
        (line, "read the module first; then: wedload run … --allow-python") for line in (14, 17)
    ]


def test_where_it_is_allowed_the_plans_folder_is_looked_at_first(tmp_path):
    assert folder_of_code(loaded(SMALLEST + STEPS, tmp_path), allowed=True) == str(tmp_path)


def test_a_plan_without_code_needs_no_leave_and_gets_none(tmp_path):
    assert folder_of_code(loaded(SMALLEST, tmp_path), allowed=False) is None
    assert folder_of_code(loaded(SMALLEST, tmp_path), allowed=True) is None
