"""A plan compiled: scenarios, stages, phases, mixes, and what the run's settings change."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from wedload.metrics.catalogue import Phase, Series
from wedload.plan.secrets.vault import Vault
from wedload.units import NS_PER_S as S
from wedload.workload.compile_plan import NO_PHASE, Settings, compile_workload
from wedload.workload.compiled import Think
from wedload.workload.segment import Segment
from wedload.workload.stages import Stage

VISIT = '[[workflows.visit]]\nname = "look"\nhttp = "GET /x"\n'
RAMPING = """\
[scenarios.main]
executor = "ramping-vus"
start_vus = 2
stages = [
  { name = "ramp", duration = "10s", target = 10 },
  { duration = "0s", target = 20 },
  { name = "peak", duration = "1m", target = 20 },
]
graceful_ramp_down = "7s"
graceful_stop = "9s"
start_time = "5s"
pace = "3s"
workflow = "visit"
"""
RICH = """\
[identities.couple]
http = "POST /auth"
json = { email = "${synthetic.email()}" }
capture = { token = "json.token" }
headers = { Authorization = "Bearer ${token}" }
[variables]
day = "2027-06-19"
nested = { a = ["${vu}", 1] }
[[setup]]
name = "warm up"
http = "GET /warm"
[[teardown]]
name = "cool down"
http = "GET /cool"
as = "couple"
[[workflows.visit]]
name = "look"
http = "GET /x/${vu}"
as = "couple"
group = "shop/list"
check = { ok = "status == 200", fast = "duration < 2s" }
tags = { critical = "yes", area = "b" }
cleanup = "DELETE /x"
[[workflows.visit]]
think = "uniform(1s, 3s)"
[[workflows.visit]]
use = "inner"
repeat = 2
[[workflows.inner]]
http = "POST /y"
json = { day = "${day}" }
timeout = "4s"
"""
TWO = (
    RAMPING
    + """\
[scenarios.side]
executor = "constant-vus"
vus = 3
duration = "20s"
mix = { inner = 30, visit = 70 }
"""
)


def test_a_constant_scenario_is_one_stage_of_its_users(compiled):
    (scenario,) = compiled(VISIT).scenarios
    assert (scenario.schedule.start_vus, scenario.schedule.stages) == (2, (Stage("", 10 * S, 2),))
    assert [(c.at_ns, c.vu, c.start) for c in scenario.schedule.changes(Segment())] == [
        (0, 0, True), (0, 1, True),
    ]  # fmt: skip
    assert scenario.end_ns == 10 * S
    assert scenario.schedule.most_vus == 2


def test_a_ramping_scenario_keeps_its_stages_and_numbers_those_without_a_name(compiled):
    (scenario,) = compiled(VISIT, scenario=RAMPING).scenarios
    assert scenario.schedule.start_vus == 2
    assert scenario.schedule.stages == (
        Stage("ramp", 10 * S, 10), Stage("2", 0, 20), Stage("peak", 60 * S, 20),
    )  # fmt: skip
    assert (scenario.start_ns, scenario.end_ns, scenario.schedule.most_vus) == (5 * S, 75 * S, 20)
    assert scenario.schedule.graceful_ramp_down_ns == 7 * S
    assert (scenario.graceful_stop_ns, scenario.pace_ns) == (9 * S, 3 * S)


def test_the_highest_number_of_users_may_be_the_first(compiled):
    scenario = RAMPING.replace("start_vus = 2", "start_vus = 50")
    assert compiled(VISIT, scenario=scenario).scenarios[0].schedule.most_vus == 50


def test_phases_are_the_stages_that_last_and_what_comes_after(compiled):
    workload = compiled(VISIT, scenario=RAMPING)
    (scenario,) = workload.scenarios
    phases = workload.catalogue.phases
    assert [(begin, phases[phase]) for begin, phase in scenario.phases] == [
        (0, Phase("main", "ramp", 10, 5)),  # which begins with the scenario
        (10 * S, Phase("main", "peak", 60, 15)),
        (70 * S, Phase("main", None)),
    ]
    assert phases[NO_PHASE] == Phase("")
    assert len({phase for _, phase in scenario.phases}) == 3


OUTAGE = """
[dependencies.calendar]
simulate = "google-calendar"
[[faults]]
name = "outage"
on = "calendar"
at = "20s"
for = "10s"
down = true
"""


def test_faults_cut_the_phases_of_a_scenario_where_they_come_and_go_in_the_load(compiled):
    workload = compiled(VISIT, scenario=RAMPING + OUTAGE)

    phases = workload.catalogue.phases
    found = [
        (begin // S, phases[number].stage, phases[number].begin_s, phases[number].duration_s)
        for begin, number in workload.scenarios[0].phases
    ]
    assert found == [  # the scenario begins at 5 s
        (0, "ramp", 5, 10),
        (10, "peak", 15, 5),
        (15, "peak", 20, 10),
        (25, "peak", 30, 45),
        (70, None, 0, 0),
    ]
    during = phases[workload.scenarios[0].phases[2][1]]
    assert during.others == (("fault", "outage"),)


def test_third_parties_have_a_series_each_and_phases_of_faults_alone(compiled):
    workload = compiled(VISIT, scenario=RAMPING + OUTAGE)

    series = workload.catalogue.series[workload.dependencies["calendar"]]
    assert series == Series("", dependency="calendar")
    before, *phases = workload.run_phases
    assert before[1] == NO_PHASE
    assert before[0] < -S
    spans = [
        (begin // S, phase.stage, phase.duration_s, dict(phase.others).get("fault"))
        for begin, phase in ((at, workload.catalogue.phases[number]) for at, number in phases)
    ]
    assert spans == [
        (0, None, 20, "none"), (20, None, 10, "outage"), (30, None, 45, "none"),
        (75, None, 0, "none"),
    ]  # fmt: skip


def test_faults_follow_the_time_scale_of_the_run(compiled):
    workload = compiled(VISIT, scenario=RAMPING + OUTAGE, time_scale=0.1)

    assert [begin // (S // 10) for begin, _ in workload.run_phases[1:]] == [0, 20, 30, 75]
    assert [(one.begin_s, one.end_s) for one in workload.faults] == [(2, 3)]


def test_a_plan_without_faults_has_one_phase_of_the_run_as_a_whole(compiled):
    workload = compiled(VISIT)

    assert [number for _, number in workload.run_phases] == [NO_PHASE]
    assert len(workload.catalogue.phases) == 3  # outside the load, its stage, and what comes after


def test_a_constant_scenario_has_no_stage_to_select(compiled):
    workload = compiled(VISIT)
    phases = [workload.catalogue.phases[phase] for _, phase in workload.scenarios[0].phases]
    assert phases == [Phase("main", None, 10), Phase("main", None)]


def test_the_workload_ends_with_its_last_scenario(compiled):
    workload = compiled(RICH, scenario=TWO)
    assert [scenario.name for scenario in workload.scenarios] == ["main", "side"]
    assert workload.end_ns == 75 * S


@pytest.mark.parametrize(("scale", "factor"), [(0.1, 0.1), (1.0, 1.0), (2.5, 2.5)])
def test_the_time_scale_changes_stages_and_start_times(compiled, scale, factor):
    (scenario,) = compiled(VISIT, scenario=RAMPING, time_scale=scale).scenarios
    assert [stage.duration_ns for stage in scenario.schedule.stages] == [
        round(seconds * factor * S) for seconds in (10, 0, 60)
    ]
    assert scenario.start_ns == round(5 * factor * S)
    assert [begin for begin, _ in scenario.phases] == [
        round(seconds * factor * S) for seconds in (0, 10, 70)
    ]


def test_the_time_scale_changes_a_constant_scenarios_duration(compiled):
    (scenario,) = compiled(VISIT, time_scale=0.5).scenarios
    assert scenario.schedule.stages == (Stage("", 5 * S, 2),)


def test_the_time_scale_changes_nothing_else(compiled):
    plain, scaled = (compiled(RICH, scenario=TWO, time_scale=scale) for scale in (1.0, 0.01))
    for one, other in zip(plain.scenarios, scaled.scenarios, strict=True):
        assert one.pace_ns == other.pace_ns
        assert one.graceful_stop_ns == other.graceful_stop_ns
        assert one.schedule.graceful_ramp_down_ns == other.schedule.graceful_ramp_down_ns
        assert one.cumulative_weights == other.cumulative_weights
        assert [stage.target for stage in one.schedule.stages] == [
            stage.target for stage in other.schedule.stages
        ]
        assert one.schedule.start_vus == other.schedule.start_vus
    assert plain.catalogue.series == scaled.catalogue.series
    assert [(phase.scenario, phase.stage) for phase in plain.catalogue.phases] == [
        (phase.scenario, phase.stage) for phase in scaled.catalogue.phases
    ]
    think = [
        step.duration for workload in (plain, scaled)
        for step in workload.scenarios[0].workflows[0].steps if isinstance(step, Think)
    ]  # fmt: skip
    assert think[0] == think[1]
    timeouts = [w.scenarios[1].workflows[0].steps[0].timeout_ns for w in (plain, scaled)]
    assert timeouts == [4 * S, 4 * S]


def test_once_is_one_user_that_starts_at_once_without_pace(compiled):
    workload = compiled(RICH, scenario=TWO, once=True)
    for scenario in workload.scenarios:
        assert scenario.once
        assert (scenario.start_ns, scenario.pace_ns, scenario.schedule.most_vus) == (0, None, 1)
        assert [(c.at_ns, c.vu, c.start) for c in scenario.schedule.changes(Segment())] == [
            (0, 0, True)
        ]
        assert list(scenario.schedule.changes(Segment(1, 2))) == []
    assert [flow.name for flow in workload.scenarios[1].workflows] == ["inner", "visit"]
    assert not compiled(VISIT).scenarios[0].once


def test_a_mix_keeps_its_weights_in_order(compiled):
    side = compiled(RICH, scenario=TWO).scenarios[1]
    assert [flow.name for flow in side.workflows] == ["inner", "visit"]
    assert side.cumulative_weights == (30, 100)


def test_a_single_workflow_has_all_the_weight(compiled):
    (scenario,) = compiled(VISIT).scenarios
    assert [flow.name for flow in scenario.workflows] == ["visit"]
    assert scenario.cumulative_weights == (1,)


def test_each_workflow_of_a_scenario_has_a_series_of_its_own(compiled):
    workload = compiled(RICH, scenario=TWO)
    series = workload.catalogue.series
    own = [series[one.series] for scenario in workload.scenarios for one in scenario.workflows]
    assert own == [
        Series("main", "visit"), Series("side", "inner"), Series("side", "visit"),
    ]  # fmt: skip


def test_set_up_tear_down_and_clean_up_are_not_judged(compiled):
    workload = compiled(RICH)
    series = workload.catalogue.series
    assert [step.name for step in workload.setup] == ["warm up"]
    assert [step.name for step in workload.teardown] == ["cool down"]
    unjudged = {(one.scenario, one.step) for one in series if not one.judged}
    assert unjudged == {
        ("setup", "sign in as couple"), ("setup", "warm up"),
        ("teardown", "sign in as couple"), ("teardown", "cool down"),
        ("cleanup", "clean up"),
    }  # fmt: skip
    assert series[workload.cleanup_series] == Series(
        "cleanup", step="clean up", judged=False, verb="http"
    )
    assert all(one.judged for one in series if one.scenario == "main")


def test_a_plan_without_set_up_and_tear_down_has_none(compiled):
    workload = compiled(VISIT)
    assert (workload.setup, workload.teardown, workload.identities) == ((), (), {})


def test_variables_are_given_by_functions(compiled, scope):
    workload = compiled(RICH)
    assert {name: value(scope()) for name, value in workload.variables} == {
        "day": "2027-06-19", "nested": {"a": [7, 1]},
    }  # fmt: skip


def test_every_process_numbers_series_and_phases_alike(plan):
    made = plan(RICH, scenario=TWO)
    settings = Settings("there", "https://shop.example", seed=4)
    first = compile_workload(made, settings).catalogue
    sent = pickle.loads(pickle.dumps(made))
    again = compile_workload(sent, pickle.loads(pickle.dumps(settings))).catalogue
    assert again.series == first.series
    assert again.phases == first.phases
    assert len(set(first.series)) == len(first.series)


def test_a_plan_that_was_pickled_renders_the_same_requests(plan, scope):
    made = plan(RICH, scenario=TWO)
    settings = Settings("there", "https://shop.example")
    requests = []
    for one in (made, pickle.loads(pickle.dumps(made))):
        flow = compile_workload(one, settings).scenarios[0].workflows[0]
        requests.append(
            [
                step.request.render(scope()).encode()
                for step in flow.steps
                if hasattr(step, "request")
            ]
        )
    assert requests[0] == requests[1]
    assert len(requests[0]) == 1


def test_the_target_of_the_settings_is_the_one_whose_headers_are_sent(plan, scope):
    head = (
        'schema = 1\nname = "small"\n'
        '[targets.one]\ndefault = true\nbase_url = "https://one.example"\nheaders = { X-T = "1" }\n'
        '[targets.two]\nbase_url = "https://two.example"\nheaders = { X-T = "2" }\n'
    )
    made = plan(VISIT, head=head)
    for target, url in (("one", "https://one.example"), ("two", "http://127.0.0.1:9")):
        workload = compile_workload(made, Settings(target, url))
        request = workload.scenarios[0].workflows[0].steps[0].request.render(scope())
        assert b"X-T: 1\r\n" in request.headers if target == "one" else b"X-T: 2" in request.headers
        assert str(request.origin) == url


def test_environment_values_are_not_shown_by_the_settings():
    settings = Settings("there", "https://a.example", env=Vault({"WEDLOAD_KEY": "hunter2"}))
    assert "hunter2" not in repr(settings)
    assert replace(settings, seed=1).env.plain == {"WEDLOAD_KEY": "hunter2"}
