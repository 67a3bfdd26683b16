"""How many messages a plan asks of its channels, where the schedule says it."""

from __future__ import annotations

import pytest

from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.fanout import beyond_limits, published_per_s

ARRIVALS = """\
[scenarios.main]
executor = "constant-arrival-rate"
rate = "{rate}"
duration = "1m"
workflow = "visit"
"""
RAMP = """\
[scenarios.main]
executor = "ramping-arrival-rate"
stages = [{ duration = "10s", target = "30/s" }, { duration = "0s", target = "5/s" },
          { duration = "10s", target = "5/s" }]
workflow = "visit"
"""
PACED = """\
[scenarios.main]
executor = "{executor}"
vus = 20
{more}
pace = "4s"
workflow = "visit"
"""
CHANNEL = """\
[channels.board]
realtime = "websocket"
url = "/ws"
subscribers = 50
key = "json.id"
"""
PUBLISH = """\
[[workflows.{flow}]]
name = "{name}"
publish = {{ channel = "board", payload = 1, key = "'a'" }}
"""
AWAIT = """\
[[workflows.visit]]
name = "{name}"
await = {{ channel = "board", key = "'a'", since = "{since}" }}
"""
HTTP = '[[workflows.{flow}]]\nname = "{name}"\nhttp = "GET /{name}"\n'


@pytest.fixture
def asked(plan):
    """Messages per s that a plan asks of its channel."""

    def of(steps, scenario, more=CHANNEL, **settings):
        made = plan(more + steps, scenario=scenario)
        workload = compile_workload(made, Settings("there", "https://shop.example", **settings))
        return published_per_s(made, workload, "board")

    return of


def publish(name="say", flow="visit"):
    return PUBLISH.format(name=name, flow=flow)


def http(name="ask", flow="visit"):
    return HTTP.format(name=name, flow=flow)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (http(), 0),
        (publish(), 5),
        (publish("a") + publish("b"), 10),
        (http() + AWAIT.format(name="x", since="ask"), 5),
        (http() + "".join(AWAIT.format(name=name, since="ask") for name in "xy"), 5),
        (http() + http("more") + AWAIT.format(name="x", since="ask")
         + AWAIT.format(name="y", since="more"), 10),
        (http() + '[[workflows.visit]]\nuse = "chat"\nrepeat = 3\n' + publish(flow="chat"), 15),
    ],
    ids=["none", "one", "two", "awaited", "awaited twice", "awaited of two", "used"],
)  # fmt: skip
def test_each_publish_and_each_step_awaited_of_is_a_message(asked, steps, expected):
    assert asked(steps, ARRIVALS.format(rate="5/s")) == expected


def test_a_mix_counts_by_weight(asked):
    scenario = ARRIVALS.format(rate="40/s").replace(
        'workflow = "visit"', "mix = { visit = 1, chat = 3 }"
    )
    assert asked(http() + publish(flow="chat"), scenario) == 30


def test_the_highest_rate_is_what_counts_also_just_before_it_falls(asked):
    assert asked(publish(), RAMP) == pytest.approx(30)


@pytest.mark.parametrize(
    ("executor", "more"),
    [
        ("constant-vus", 'duration = "1m"'),
        ("shared-iterations", "iterations = 100"),
        ("externally-controlled", 'duration = "1m"'),
    ],
)
def test_users_with_a_pace_begin_so_many_iterations(asked, executor, more):
    assert asked(publish(), PACED.format(executor=executor, more=more)) == 5


def test_users_without_a_pace_are_as_fast_as_the_target(asked):
    scenario = PACED.format(executor="constant-vus", more='duration = "1m"')

    assert asked(publish(), scenario.replace('pace = "4s"\n', "")) is None
    assert asked(http(), scenario.replace('pace = "4s"\n', "")) == 0


@pytest.mark.parametrize(("start", "expected"), [("0s", 15), ("59s", 15), ("60s", 10)])
def test_scenarios_add_up_while_they_run_at_the_same_time(asked, start, expected):
    second = ARRIVALS.format(rate="10/s").replace("main", "second")
    second += f'start_time = "{start}"\n'

    assert asked(publish(), ARRIVALS.format(rate="5/s") + second) == expected


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ("", []),
        ('limits = { connections = 50, messages = "250/s" }', []),
        ("limits = { messages = 250 }", []),
        ("limits = { connections = 49 }", ["has 50 subscribers, and its service allows 49 at"]),
        ('limits = { messages = "249/s" }',
         ["up to 5 messages a second, 250 to its 50 subscribers together, and its service allows"]),
        ('reaches = "any"\nlimits = { messages = "5/s" }', []),
        ('reaches = "any"\nlimits = { messages = "4/s" }', ["5 to its 50 subscribers together"]),
    ],
)  # fmt: skip
def test_what_is_beyond_a_limit_of_the_service_is_said(plan, limits, told):
    made = plan(CHANNEL + limits + "\n" + publish(), scenario=ARRIVALS.format(rate="5/s"))
    workload = compile_workload(made, Settings("there", "https://shop.example"))

    found = beyond_limits(made, workload)

    assert len(found) == len(told)
    for sentence, fragment in zip(found, told, strict=True):
        assert fragment in sentence
        assert sentence.startswith('The channel "board" ')


def test_messages_of_which_nobody_knows_how_many_are_not_held_against_a_limit(plan):
    scenario = PACED.format(executor="constant-vus", more='duration = "1m"')
    made = plan(
        f"{CHANNEL}limits = {{ messages = 1 }}\n" + publish(),
        scenario=scenario.replace('pace = "4s"\n', ""),
    )
    workload = compile_workload(made, Settings("there", "https://shop.example"))

    assert beyond_limits(made, workload) == []
