"""Scenarios that people scale share what a target allows with all others."""

from __future__ import annotations

import pytest

from wedload.plan.loader import parse_plan
from wedload.safety.allowance import Allowance
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import Settings, compile_workload

PLAN = """\
schema = 1
name = "capped"
[targets.here]
base_url = "http://127.0.0.1:9"
{scenarios}
[[workflows.visit]]
http = "GET /"
"""


def scaled(name: str, vus: int, more: str = "") -> str:
    return f"""[scenarios.{name}]
executor = "externally-controlled"
workflow = "visit"
duration = "1m"
vus = {vus}
graceful_ramp_down = "10s"
{more}
"""


def constant(name: str, vus: int, more: str = "") -> str:
    return f"""[scenarios.{name}]
executor = "constant-vus"
workflow = "visit"
duration = "1m"
vus = {vus}
{more}
"""


@pytest.fixture
def allowance(tmp_path):
    def of(cap, *scenarios):
        text = PLAN.format(scenarios="\n".join(scenarios))
        plan = parse_plan(text, file="plan.toml", base=tmp_path).plan
        workload = compile_workload(plan, Settings("here", "http://127.0.0.1:9"))
        return Allowance(workload.scenarios, cap)

    return of


def test_one_that_is_scaled_gets_what_the_others_leave(allowance):
    shared = allowance(10, scaled("main", 2), constant("other", 3))

    assert shared.most("main", 0) == 7
    assert shared.grant("main", 7, 0) == 7
    assert shared.grant("main", 8, 0) == 7


def test_its_own_most_holds_as_well(allowance):
    assert allowance(100, scaled("main", 2, "max_vus = 5")).grant("main", 50, 0) == 5


def test_without_a_cap_there_is_its_own_alone(allowance):
    assert allowance(None, scaled("main", 2, "max_vus = 5")).grant("main", 50, 0) == 5


def test_those_that_are_still_finishing_count(allowance):
    shared = allowance(10, scaled("main", 8), scaled("other", 2))

    shared.grant("main", 1, 5 * NS_PER_S)

    assert shared.of("main", 14 * NS_PER_S) == 8
    assert shared.most("other", 14 * NS_PER_S) == 2
    assert shared.of("main", 15 * NS_PER_S) == 1
    assert shared.most("other", 15 * NS_PER_S) == 9


def test_one_that_comes_later_leaves_room_until_then_to_nobody(allowance):
    """What is granted lasts to the end of the scenario, so that of the other is kept free."""
    shared = allowance(10, scaled("main", 2), constant("other", 6, 'start_time = "30s"'))

    assert shared.most("main", 0) == 4


def test_what_got_past_the_check_is_cut_down_in_order(allowance):
    shared = allowance(10, constant("first", 8), constant("second", 8), constant("third", 8))

    assert [shared.of(name, 0) for name in ("first", "second", "third")] == [8, 2, 0]


def test_what_is_tried_on_a_copy_leaves_the_original_alone(allowance):
    shared = allowance(10, scaled("main", 2))

    shared.copy().grant("main", 9, 0)

    assert shared.of("main", 0) == 2
