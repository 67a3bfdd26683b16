"""A plan that is too large is refused before anything follows what is in it."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import pytest

from wedload.errors import PlanError
from wedload.plan.draft import MOST_PROBLEMS
from wedload.plan.loader import parse_plan
from wedload.plan.plan_size import MOST_AT, MOST_BYTES, MOST_DEEP, MOST_STEPS


def uses(depth: int, times: int = 1) -> str:
    """Workflows that use one another, each `times` over."""
    text = "[[workflows.visit]]\nuse = 'w1'\n"
    for number in range(1, depth):
        text += f"[[workflows.w{number}]]\nuse = 'w{number + 1}'\n" * times
    return text + f"[[workflows.w{depth}]]\nname = 'end'\nhttp = 'GET /'\n"


def test_as_many_of_a_kind_as_allowed_are_loaded_and_one_more_is_not(load, problems, valid):
    most = MOST_AT["variables",]
    lines = [f"v{number} = 1\n" for number in range(most + 1)]
    text = f"{valid}[variables]\n"

    assert len(load(text + "".join(lines[:most])).plan.variables) == most
    (said,) = problems(text + "".join(lines))
    assert said == f"plan.toml:13: variables: has {most + 1:,} entries, and {most:,} are the most"


def test_lists_within_tables_of_any_name_are_counted(problems, valid):
    stages = "{ duration = '1s', target = 1 }," * 1_001
    text = valid.replace(
        '"constant-vus"\nvus = 1\nduration = "1m"', f'"ramping-vus"\nstages = [{stages}]'
    )
    (said,) = problems(text)
    assert "scenarios.main.stages: has 1,001 entries, and 1,000 are the most" in said


def test_all_values_together_are_counted(problems, valid):
    lists = "".join(f"v{number} = [{'1,' * 9_000}]\n" for number in range(12))
    (said,) = problems(f"{valid}[variables]\n{lists}")
    assert re.search(
        r"the plan has 108,\d+ values, and 100,000 are the most \| put what is data", said
    )


def test_a_long_plan_is_refused_whether_it_is_a_file_or_a_text(problems, valid):
    long = valid + "#" * MOST_BYTES
    (said,) = problems(long)
    with pytest.raises(PlanError) as refused:
        parse_plan(long, file="plan.toml", base=Path())

    assert said.startswith("plan.toml:0: the plan is longer than 2.0 MB | put what is data into")
    (problem,) = refused.value.problems
    assert said == f"plan.toml:0: {problem.message} | {problem.hint}"


def test_uses_are_followed_so_deep_and_no_deeper(load, problems, valid):
    load(valid + uses(MOST_DEEP - 1))
    said = problems(valid + uses(MOST_DEEP))
    assert any(
        f"workflows.visit: uses workflows {MOST_DEEP + 1} deep; 20 are the most" in one
        for one in said
    )


def test_workflows_that_double_are_counted_without_being_followed(problems, valid):
    said = problems(valid + uses(18, times=2))
    assert any(
        f"has 393,216 steps, in workflows that it uses; {MOST_STEPS:,} are the most" in one
        for one in said
    )


def test_a_circle_of_uses_is_found_by_the_check_for_it(problems, valid):
    circle = "[[workflows.visit]]\nuse = 'b'\n[[workflows.b]]\nuse = 'visit'\n"
    (said,) = problems(valid + circle)
    assert "the workflow uses itself" in said


def test_after_so_many_problems_no_more_are_looked_for(problems, valid):
    wrong = "".join(f"k{number} = 1\n" for number in range(MOST_PROBLEMS + 50))
    said = problems(valid + wrong)
    assert len(said) == MOST_PROBLEMS + 1
    assert f"plan.toml:0: after {MOST_PROBLEMS} problems no more are looked for" in said


def test_a_message_quotes_no_more_of_a_plan_than_can_be_read(problems, valid):
    (said,) = problems(valid.replace('"1m"', f'"{"x" * 100_000}"'))
    assert len(said) < 2_200
    assert " … " in said


def test_a_key_with_a_line_break_makes_no_line_of_its_own(problems, valid):
    (said,) = problems(f'{valid}"a\\nplan.toml:1: forged" = 1\n')
    assert 'workflows.visit[0]."a\\u000aplan.toml:1: forged"' in said.partition("there is")[0]


def test_a_text_of_many_slashes_takes_no_more_than_its_length(load, valid):
    slashes = "a/" * 50_000
    text = valid.replace('"GET /"', f'"POST /"\nbody = "{slashes}"')
    tracemalloc.start()
    try:
        load(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200 * len(text)
