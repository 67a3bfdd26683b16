"""A plan that asks for more than its target allows is refused, with both places."""

from __future__ import annotations

import pytest

from wedload.errors import PlanError
from wedload.plan.loader import parse_plan
from wedload.plan.reshape import Shape, reshape
from wedload.safety.caps import beyond_caps, require_within_caps, with_owners_caps
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import Settings
from wedload.workload.permits import Caps, Permit, Permits

PLAN = """\
schema = 1
name = "capped"
[targets.staging]
base_url = "http://127.0.0.1:9"
{caps}
[scenarios.first]
workflow = "visit"
{first}
{second}
[[workflows.visit]]
http = "GET /"
"""
SECOND = '[scenarios.second]\nworkflow = "visit"\n'
VUS_30 = 'executor = "constant-vus"\nvus = 30\nduration = "1m"\n'


@pytest.fixture
def problems(tmp_path):
    def found(caps, first, second="", *, shape=Shape(), overrides=(), **settings):  # noqa: B008 - frozen
        text = PLAN.format(caps=caps, first=first, second=second and SECOND + second)
        loaded = parse_plan(text, file="plan.toml", base=tmp_path, overrides=overrides)
        loaded, _ = reshape(loaded, shape)
        target = loaded.plan.targets["staging"]
        asked = {"max_vus": target.max_vus, "max_duration_ns": target.max_duration, **settings}
        return [str(one) for one in beyond_caps(loaded, Settings("staging", "", **asked))]

    return found


def test_too_many_virtual_users_are_told_with_the_place_of_the_scenario_and_of_the_cap(problems):
    (said,) = problems("max_vus = 20", VUS_30)

    assert said == (
        "plan.toml:6: scenarios.first: asks for 30 virtual users, and the target staging allows 20 "
        "at most (max_vus, plan.toml:5)\n"
        "  hint: ask for fewer (stages, the scenario's max_vus, --vus 20), or raise max_vus if the "
        "target's owner agrees"
    )


def test_a_load_that_may_last_too_long_is_told_with_both_places(problems):
    (said,) = problems('max_duration = "30s"', VUS_30)

    assert said.startswith(
        "plan.toml:6: scenarios.first: the load may last 1m, and the target staging allows 30s at "
        "most (max_duration, plan.toml:5)\n  hint: "
    )


@pytest.mark.parametrize(
    ("executor", "asks"),
    [
        (VUS_30, 30),
        (
            (
                'executor = "ramping-vus"\nstart_vus = 2\n'
                'stages = [{ duration = "1m", target = 31 }, { duration = "1m", target = 0 }]'
            ),
            31,
        ),
        ('executor = "constant-arrival-rate"\nrate = "5/s"\nduration = "1m"\nmax_vus = 32', 32),
        ('executor = "constant-arrival-rate"\nrate = "5/s"\nduration = "1m"', 1000),
        ('executor = "shared-iterations"\nvus = 33\niterations = 50', 33),
        # people can scale it up to the cap, not beyond
        ('executor = "externally-controlled"\nvus = 34\nmax_vus = 90\nduration = "1m"', 34),
    ],
)
def test_each_executor_asks_for_what_it_may_come_to(problems, executor, asks):
    assert problems(f"max_vus = {asks}", executor) == []
    (said,) = problems(f"max_vus = {asks - 1}", executor)
    assert f"asks for {asks:,} virtual users" in said


def test_scenarios_at_the_same_time_are_counted_together(problems):
    (said,) = problems("max_vus = 50", VUS_30, VUS_30.replace("30", "25"))

    assert "asks for 30 virtual users, which with 25 of second (plan.toml:12) are 55" in said


def test_a_scenario_that_begins_when_another_is_gone_is_not_counted_with_it(problems):
    later = VUS_30 + 'start_time = "1m30s"\n'  # the stages of the first, and its graceful stop

    assert problems("max_vus = 30", VUS_30, later) == []
    assert problems("max_vus = 30", VUS_30, later.replace("1m30s", "1m29s")) != []


@pytest.mark.parametrize(
    ("caps", "asked", "within"),
    [
        ("max_vus = 20", {"shape": Shape(vus=20, duration="1m")}, True),
        ("max_vus = 40", {"shape": Shape(vus=41, duration="1m")}, False),
        ("max_vus = 40", {"shape": Shape(stages=("1m:41",))}, False),
        ('max_duration = "30s"', {"shape": Shape(duration="31s")}, False),
        ('max_duration = "30s"', {"time_scale": 0.5}, True),
        ('max_duration = "2m"', {"time_scale": 2.5}, False),
        ("max_vus = 40", {"overrides": ["scenarios.first.vus=41"]}, False),
        ("max_vus = 20", {"overrides": ["targets.staging.max_vus=30"]}, True),
        ('max_vus = 1\nmax_duration = "1s"', {"once": True}, True),
    ],
)
def test_what_counts_is_what_the_command_line_makes_of_the_plan(problems, caps, asked, within):
    assert (problems(caps, VUS_30, **asked) == []) == within


def test_a_cap_that_the_command_line_has_set_is_named_by_its_option(problems):
    (said,) = problems("", VUS_30, overrides=["targets.staging.max_vus=3"])

    assert "(max_vus, --set targets.staging.max_vus=3)" in said


def test_what_its_owner_allows_holds_where_that_is_less(problems):
    (said,) = problems("max_vus = 40", VUS_30, max_vus=10)

    assert "the owner of the target staging allows 10 at most" in said


@pytest.mark.parametrize(
    ("plans", "owners", "both"),
    [
        ((None, None), (None, None), (None, None)),
        ((10, NS_PER_S), (None, None), (10, NS_PER_S)),
        ((None, None), (10, NS_PER_S), (10, NS_PER_S)),
        ((10, 1), (9, 2), (9, 1)),
    ],
)
def test_of_two_limits_the_lower_one_holds(plans, owners, both):
    permits = Permits((Permit("staging.example", ("192.0.2.1",), Caps(None, *owners)),))
    settings = with_owners_caps(
        Settings("staging", "", max_vus=plans[0], max_duration_ns=plans[1], permits=permits)
    )

    assert (settings.max_vus, settings.max_duration_ns) == both


def test_no_cap_is_no_limit(problems):
    assert problems("", VUS_30) == []


def test_a_run_is_refused_with_all_that_is_wrong(tmp_path):
    text = PLAN.format(caps='max_vus = 2\nmax_duration = "1s"', first=VUS_30, second="")
    loaded = parse_plan(text, file="plan.toml", base=tmp_path)

    with pytest.raises(PlanError) as refused:
        require_within_caps(loaded, Settings("staging", "", max_vus=2, max_duration_ns=NS_PER_S))

    assert len(refused.value.problems) == 2


@pytest.mark.parametrize("number", [0, -3])
def test_a_cap_of_nobody_is_a_mistake(tmp_path, number):
    text = PLAN.format(caps=f"max_vus = {number}", first=VUS_30, second="")

    with pytest.raises(PlanError, match=r"plan.toml:5: targets.staging.max_vus: is .*1 or more"):
        parse_plan(text, file="plan.toml", base=tmp_path)
