"""Await and publish steps compiled: what the step before them opens, and when its key is known."""

from __future__ import annotations

import pickle

import pytest

from tests.helpers.channel_plans import WITH_CHANNELS
from tests.helpers.scopes import KnownScope
from wedload.metrics.catalogue import Series
from wedload.plan.loader import parse_plan
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.compiled import Batch, Sampled, Use
from wedload.workload.verbs.channels import AwaitTask, PublishTask

CHANNEL = """\
[channels.hooks]
webhook = "/hooks"
signature = { scheme = "none" }
key = "json.id"
within = "4s"
"""
AWAIT = '[[workflows.visit]]\nname = "told"\nawait = { channel = "hooks", key = "id" }\n'


@pytest.fixture
def workload(tmp_path):
    def compile_text(text=WITH_CHANNELS):
        plan = parse_plan(text, file="plan.toml", base=tmp_path).plan
        return compile_workload(plan, Settings("there", "http://127.0.0.1:8000"))

    return compile_text


@pytest.fixture
def flow(compiled):
    """The steps of a workflow of these lines, by name."""

    def compile_flow(lines):
        workload = compiled(CHANNEL + lines)
        steps = workload.scenarios[0].workflows[0].steps
        return {step.name: step for step in steps if hasattr(step, "name")}

    return compile_flow


def step(name, more=""):
    return f'[[workflows.visit]]\nname = "{name}"\nhttp = "GET /{name}"\n{more}\n'


def expected_of(flow, name):
    """The only expectation that a step opens."""
    (only,) = flow[name].expects
    return only


def test_an_await_is_compiled_with_what_it_expects_and_since_when(workload):
    compiled = workload()
    place, _, told, shown, _ = compiled.scenarios[0].workflows[0].steps

    assert isinstance(told.task, AwaitTask)
    assert (told.verb, told.task.wait, told.task.since) == ("await", True, "place")
    hook = told.task.expectation
    assert (hook.name, hook.channel, hook.kind) == ("is told", "hooks", "webhook")
    assert (hook.within_ns, hook.wanted, hook.message) == (2_000_000_000, True, True)
    assert hook.series == told.series
    status = shown.task.expectation
    assert (status.channel, status.kind) == ("status", "realtime")
    assert (status.within_ns, status.wanted, status.message) == (3_000_000_000, False, False)
    assert place.expects == (hook, status)
    assert told.expects == shown.expects == ()
    assert told.task.key(KnownScope({"id": "o-1"})) == "o-1"


def test_a_publish_is_compiled_with_its_message_and_what_it_expects_itself(workload):
    said = workload().scenarios[0].workflows[0].steps[-1]
    scope = KnownScope({"id": "o-1"})

    assert isinstance(said.task, PublishTask)
    assert said.task.event(scope) == "note"
    assert said.task.payload(scope) == {"id": "o-1"}
    expectation = said.task.expectation
    assert expectation.key(scope) == "o-1"
    assert (expectation.series, expectation.channel) == (said.series, "status")
    assert (expectation.wanted, said.task.wait, expectation.message) == (False, False, False)
    assert said.expects == ()


def test_its_series_name_the_channel_and_so_do_those_of_its_checks(workload):
    compiled = workload()
    series = compiled.catalogue.series
    told = compiled.scenarios[0].workflows[0].steps[2]

    of_step, of_check = series[told.series], series[told.checks[0].series]
    assert (of_step.step, of_step.verb, of_step.channel) == ("is told", "await", "hooks")
    assert (of_check.check, of_check.channel) == ("json.data.total > 0", "hooks")
    assert all(one.channel is None for one in series if one.step == "place")
    assert [one for one in series if one.matches("channel", "status")] == [
        series[one.series] for one in compiled.scenarios[0].workflows[0].steps[3:]
    ] + [Series("", channel="status")]


def test_channels_have_series_of_their_own_in_the_order_of_the_plan(workload):
    compiled = workload()

    assert list(compiled.channels) == ["hooks", "status"]
    for name, number in compiled.channels.items():
        assert compiled.catalogue.series[number] == Series("", channel=name)
        assert compiled.catalogue.series[number].judged


def test_every_process_numbers_the_series_of_channels_alike(tmp_path):
    plan = parse_plan(WITH_CHANNELS, file="plan.toml", base=tmp_path).plan
    settings = Settings("there", "http://127.0.0.1:8000")

    one = compile_workload(plan, settings)
    other = compile_workload(pickle.loads(pickle.dumps(plan)), settings)

    assert one.catalogue.series == other.catalogue.series
    assert one.channels == other.channels
    assert one.verbs == other.verbs == {"http", "think", "await", "publish"}


def test_the_clock_starts_at_the_nearest_step_that_sends_something(flow):
    steps = flow(step("a") + step("b", 'capture = { id = "json.id" }') + AWAIT)

    assert steps["told"].task.since == "b"
    assert steps["a"].expects == ()
    assert expected_of(steps, "b") is steps["told"].task.expectation


def test_without_a_deadline_of_its_own_it_has_the_channels(flow):
    steps = flow(step("a", 'capture = { id = "json.id" }') + AWAIT)

    assert expected_of(steps, "a").within_ns == 4_000_000_000


@pytest.mark.parametrize(
    ("sent", "between"),
    [
        ('capture = { id = "json.id" }', ""),
        ('let = { id = "1" }', ""),
        ('capture = { id = "json.id" }', step("b", 'capture = { other = "json.id" }')),
        ('capture = { id = "json.id" }', '[[workflows.visit]]\nthink = "1s"\n'),
        ('capture = { id = "json.id" }', '[[workflows.visit]]\nuse = "more"\n'),
    ],
)
def test_a_key_is_known_early_if_nothing_in_between_sets_what_it_reads(flow, sent, between):
    told = AWAIT.replace('key = "id"', 'key = "id", since = "a"')
    more = '[[workflows.more]]\nhttp = "GET /m"\ncapture = { other = "json.x" }\n'

    steps = flow(step("a", sent) + between + told + more)

    expectation = expected_of(steps, "a")
    assert expectation.key is not None
    assert expectation.key(KnownScope({"id": 17})) == 17


@pytest.mark.parametrize(
    "between",
    [
        step("b", 'capture = { id = "json.id" }'),
        step("b", 'let = { id = "1" }'),
        '[[workflows.visit]]\nthink = "1s"\nlet = { id = "1" }\n',
        '[[workflows.visit]]\nuse = "more"\n',
        '[[workflows.visit]]\nbatch = [{ http = "GET /m", capture = { id = "json.x" } }]\n',
    ],
    ids=["capture", "let", "let of a pause", "use in use", "batch"],
)
def test_a_key_that_is_set_in_between_is_bound_by_the_await(flow, between):
    told = AWAIT.replace('key = "id"', 'key = "id", since = "a"')
    more = (
        '[[workflows.more]]\nuse = "most"\n'
        '[[workflows.most]]\nhttp = "GET /m"\ncapture = { id = "json.x" }\n'
    )

    steps = flow(step("a") + between + told + more)

    assert expected_of(steps, "a").key is None
    assert steps["told"].task.expectation is expected_of(steps, "a")
    assert steps["told"].task.key(KnownScope({"id": 17})) == 17


def test_a_key_that_the_await_itself_sets_is_bound_by_it(flow):
    told = AWAIT + 'let = { id = "${first}-1" }\n'

    steps = flow(step("a", 'capture = { first = "json.id" }') + told)

    assert expected_of(steps, "a").key is None


def test_a_request_of_a_batch_opens_what_is_awaited_of_it(flow):
    batch = """\
[[workflows.visit]]
name = "both"
batch = [
  { name = "a", http = "GET /a", capture = { id = "json.id" } },
  { name = "b", http = "GET /b", capture = { other = "json.id" } },
]
"""
    told = AWAIT.replace('key = "id"', 'key = "id", since = "a"')
    late = AWAIT.replace("told", "late").replace('key = "id"', 'key = "other", since = "a"')

    steps = flow(batch + told + late)

    both = steps["both"]
    assert isinstance(both, Batch)
    assert [[one.name for one in call.expects] for call in both.calls] == [["told", "late"], []]
    assert both.calls[0].expects[0].key is not None
    assert both.calls[0].expects[1].key is None  # by the other request, at the same time


def test_an_await_in_a_used_workflow_refers_to_a_step_there(compiled):
    used = (step("a", 'capture = { id = "json.id" }') + AWAIT).replace(".visit", ".more")

    workload = compiled(
        CHANNEL
        + step("first")
        + '[[workflows.visit]]\nuse = "more"\nrepeat = 2\ngroup = "g"\n'
        + used
    )

    steps = workload.scenarios[0].workflows[0].steps
    (use,) = [one for one in steps if isinstance(one, Use)]
    a, told = [one for one in use.steps if isinstance(one, Sampled)]
    assert a.expects == (told.task.expectation,)
    assert a.expects[0].key is not None
    series = workload.catalogue.series[told.series]
    assert (series.used, series.group, series.channel) == (("more",), "g", "hooks")


def test_groups_do_not_come_between_an_await_and_its_step(flow):
    steps = flow(
        step("a", 'group = "x"\ncapture = { id = "json.id" }')
        + step("b", 'group = "y/z"')
        + AWAIT.replace('key = "id"', 'key = "id", since = "a"')
    )

    assert expected_of(steps, "a").name == "told"


def test_the_address_of_a_receiver_is_read_of_the_scope(step_of):
    call = step_of('http = "POST /subscribe"\njson = { to = "${channels.hooks.url}" }')

    scope = KnownScope(addresses={"channels": {"hooks": {"url": "http://127.0.0.1:4711/hooks"}}})
    assert call.request.render(scope).body == b'{"to":"http://127.0.0.1:4711/hooks"}'
    with pytest.raises(KeyError):
        call.request.render(KnownScope())


@pytest.fixture
def step_of(compiled):
    def compile_step(lines):
        workload = compiled(f"{CHANNEL}[[workflows.visit]]\n{lines}\n")
        (only,) = workload.scenarios[0].workflows[0].steps
        return only

    return compile_step
