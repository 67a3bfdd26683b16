"""For any grouping, nesting, scale and mix: the compiled workload says what the plan says."""

from __future__ import annotations

import pickle
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from wedload.plan.fields import RequestLine
from wedload.plan.model import Plan, Scenario, Stage, Target
from wedload.plan.verbs import HttpStep, UseStep
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.compiled import Call, CloseGroup, OpenGroup, Use

SETTINGS = settings(deadline=None)
GROUPS = st.none() | st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)
LOOK = RequestLine.parse("GET /x")


def plan_of(workflows, **scenario):
    scenario = {"executor": "constant-vus", "vus": 1, "duration": 10, "workflow": "w0"} | scenario
    return Plan(
        schema=1,
        name="any",
        targets={"there": Target(base_url="https://a.example")},
        scenarios={"main": Scenario(**scenario)},
        workflows=workflows,
    )


def compiled(plan, **keywords):
    return compile_workload(plan, Settings("there", "https://a.example", **keywords))


def steps_of(groups):
    return tuple(
        HttpStep(name=str(number), http=LOOK, group=group) for number, group in enumerate(groups)
    )


@SETTINGS
@given(st.lists(GROUPS, max_size=10))
def test_every_step_runs_within_exactly_the_groups_of_its_path(groups):
    workload = compiled(plan_of({"w0": steps_of(groups)}))
    series = workload.catalogue.series
    opened = []
    seen = []
    for step in workload.scenarios[0].workflows[0].steps:
        match step:
            case OpenGroup():
                opened.append(series[step.series].group)
            case CloseGroup():
                opened.pop()
            case Call():
                seen.append(list(opened))
    assert opened == []
    paths = [group.split("/") if group else [] for group in groups]
    assert seen == [["/".join(path[: n + 1]) for n in range(len(path))] for path in paths]


@SETTINGS
@given(st.lists(GROUPS, max_size=10))
def test_a_group_is_opened_once_for_consecutive_steps(groups):
    workload = compiled(plan_of({"w0": steps_of(groups)}))
    opened = sum(isinstance(s, OpenGroup) for s in workload.scenarios[0].workflows[0].steps)
    expected = 0
    for before, after in pairwise([None, *groups]):
        one, other = (group.split("/") if group else [] for group in (before, after))
        shared = 0
        while shared < min(len(one), len(other)) and one[shared] == other[shared]:
            shared += 1
        expected += len(other) - shared
    assert opened == expected


@st.composite
def nested(draw):
    """Workflows that use only later ones, so that none uses itself."""
    count = draw(st.integers(1, 4))
    workflows = {}
    for number in range(count):
        steps = []
        for _ in range(draw(st.integers(0 if number else 1, 3))):
            if number + 1 < count and draw(st.booleans()):
                other = draw(st.integers(number + 1, count - 1))
                steps.append(UseStep(use=f"w{other}", repeat=draw(st.integers(0, 3))))
            else:
                steps.append(HttpStep(name=f"s{number}", http=LOOK, group=draw(GROUPS)))
        workflows[f"w{number}"] = tuple(steps)
    return workflows


def requests_of(workflows, name):
    """What a run of a workflow sends, by the plan alone."""
    sent = []
    for step in workflows[name]:
        if isinstance(step, UseStep):
            sent += requests_of(workflows, step.use) * step.repeat
        else:
            sent.append(step.name)
    return sent


def run(steps):
    """What a run of compiled steps sends; groups must be balanced wherever a `use` begins."""
    sent = []
    depth = 0
    for step in steps:
        match step:
            case OpenGroup():
                depth += 1
            case CloseGroup():
                depth -= 1
                assert depth >= 0
            case Use():
                sent += run(step.steps) * step.repeat
            case Call():
                sent.append(step.name)
    assert depth == 0
    return sent


@SETTINGS
@given(nested())
def test_used_workflows_run_in_their_place_as_often_as_repeated(workflows):
    workload = compiled(plan_of(workflows))
    assert run(workload.scenarios[0].workflows[0].steps) == requests_of(workflows, "w0")


@SETTINGS
@given(nested())
def test_every_series_is_judged_and_of_its_scenario_and_numbered_alike_after_pickling(workflows):
    plan = plan_of(workflows)
    catalogue = compiled(plan).catalogue
    again = compiled(pickle.loads(pickle.dumps(plan))).catalogue
    assert (catalogue.series, catalogue.phases) == (again.series, again.phases)
    assert {one.scenario for one in catalogue.series if one.judged} == {"main"}


@SETTINGS
@given(
    st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 50)), min_size=1, max_size=6),
    st.integers(0, 10**12),
    st.floats(0.001, 10),
)
def test_phases_partition_the_scaled_stages(stages, start, scale):
    plan = plan_of(
        {"w0": steps_of([None])},
        executor="ramping-vus",
        vus=None,
        duration=None,
        start_time=start,
        stages=tuple(Stage(duration=d, target=t) for d, t in stages),
    )
    workload = compiled(plan, time_scale=scale)
    (scenario,) = workload.scenarios
    assert [stage.duration_ns for stage in scenario.schedule.stages] == [
        round(d * scale) for d, _ in stages
    ]
    assert [stage.target for stage in scenario.schedule.stages] == [t for _, t in stages]
    begins = [begin for begin, _ in scenario.phases]
    assert begins[0] == 0
    assert all(one < other for one, other in pairwise(begins))
    assert scenario.start_ns + begins[-1] == scenario.end_ns
    lasting = [stage.name for stage in scenario.schedule.stages if stage.duration_ns]
    named = [workload.catalogue.phases[phase].stage for _, phase in scenario.phases]
    assert named == [*lasting, None]
