"""Every kind of mistake in an await or publish step, and where else they cannot stand."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from tests.helpers.channel_plans import WITH_CHANNELS

TOLD = 'await = { channel = "hooks", key = "id", within = "2s" }'
SHOWN = 'await = { channel = "status", key = "id", since = "place", wait = false }'
SAID = 'publish = { channel = "status", event = "note", payload = { id = "${id}" }, key = "id" }'
# (what is wrong, text to replace, new text, line, fragments that must be in the only problem)
MISTAKES = [
    ("channel_misspelt", TOLD, TOLD.replace("hooks", "hoks"), 29, 'workflows.order[2].await.channel: there is no channel "hoks" | did you mean hooks?'),
    ("key_misspelt", TOLD, TOLD.replace("within", "witin"), 29, "workflows.order[2].await.witin: there is no key `witin` here; did you mean within?"),
    ("key_missing", TOLD, 'await = { channel = "hooks" }', 29, 'workflows.order[2].await: `key` is missing; write { channel = "NAME", key = "order_id" }'),
    ("no_table", TOLD, 'await = "hooks"', 29, 'workflows.order[2].await: expected { channel = "NAME", key = "order_id" }, found text'),
    ("deadline_of_nothing", TOLD, TOLD.replace("2s", "0s"), 29, "await.within: must be longer than 0s"),
    ("wait_in_quotes", SHOWN, SHOWN.replace("false", '"no"'), 33, 'await.wait: expected true or false, found "no"'),
    ("key_of_nobody", TOLD, TOLD.replace('"id"', '"ident"'), 29, "workflows.order[2].await.key: there is no variable `ident` here"),
    ("key_of_a_response", TOLD, TOLD.replace('"id"', '"json.id"'), 29, "`json` belongs to a response, and there is none here yet"),
    ("since_misspelt", SHOWN, SHOWN.replace("place", "plaze"), 33, 'workflows.order[3].await.since: there is no step "plaze" before this one in its list of steps | did you mean place?'),
    ("since_of_a_later_step", SHOWN, SHOWN.replace("place", "say it"), 33, 'the step "say it" comes later | an await refers to a step before it'),
    ("since_of_an_await", SHOWN, SHOWN.replace("place", "is told"), 33, '"is told" is an await step, and sends nothing'),
    ("check_of_a_message_nobody_waits_for", SHOWN, f'{SHOWN}\ncheck = ["json.ok"]', 34, "`check` reads the message, and with wait = false nobody waits for it"),
    ("check_of_a_status", TOLD, f'{TOLD}\ncapture = {{ a = "status" }}', 30, "workflows.order[2].capture.a: reads `status`, which is not there of a message of a channel | there is: body, duration, headers, json, text"),
    ("check_of_cookies", 'check = ["json.data.total > 0"]', "check = [\"cookies.a == 'x'\"]", 30, "workflows.order[2].check[0]: reads `cookies`, which is not there of a message of a channel"),
    ("check_of_waiting", 'check = ["json.data.total > 0"]', 'check = ["waiting < 1s"]', 30, "reads `waiting`, which is not there of a message of a channel"),
    ("check_of_what_is_published_and_not_waited_for", SAID, f'{SAID}\ncheck = ["json.ok"]', 37, "workflows.order[4].check[0]: reads `json`, which is not there of a message of a channel | there is: duration"),
    ("key_of_another_verb", TOLD, f'{TOLD}\ntimeout = "1s"', 30, "`timeout` belongs to steps with `http`, and this one has `await`"),
    ("payload_missing", SAID, 'publish = { channel = "status", key = "id" }', 36, "workflows.order[4].publish: `payload` is missing"),
    ("template_of_a_payload", SAID, SAID.replace("${id}", "${ident}"), 36, "workflows.order[4].publish.payload.id: there is no variable `ident` here"),
    ("publish_to_a_webhook", SAID, SAID.replace("status", "hooks"), 36, '"hooks" is a webhook: its messages come from the platform | ask the platform for one'),
    ("key_of_publish_misspelt", SAID, SAID.replace("event", "evnt"), 36, "there is no key `evnt` here; did you mean event?"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [case[1:] for case in MISTAKES],
    ids=[case[0] for case in MISTAKES],
)
def test_mistake_is_the_only_one_reported_with_its_line(problems, old, new, line, expected):
    assert WITH_CHANNELS.count(old) == 1

    (problem,) = problems(WITH_CHANNELS.replace(old, new))

    assert problem.startswith(f"plan.toml:{line}: "), problem
    assert expected in problem


def test_an_await_needs_something_that_was_sent_before_it(problems):
    head, _, rest = WITH_CHANNELS.partition("[[workflows.order]]\n")
    nearest = SHOWN.replace(', since = "place"', "")
    first = f'[[workflows.order]]\nname = "a"\nlet = {{ id = "1" }}\n{nearest}\n'

    (problem,) = problems(head + first + "[[workflows.order]]\n" + rest)

    assert problem.startswith("plan.toml:24: workflows.order[0].await: no step before it sends")


@pytest.mark.parametrize("since", ["", ', since = "say it"'])
def test_what_a_publish_expects_itself_is_not_awaited_again(problems, since):
    again = (
        f'[[workflows.order]]\nname = "b"\nawait = {{ channel = "status", key = "id"{since} }}\n'
    )

    (problem,) = problems(WITH_CHANNELS + again)

    assert problem.startswith("plan.toml:39: ")
    assert "take this step out, and write wait = true into that one" in problem


def test_what_comes_of_a_publish_elsewhere_may_be_awaited(load):
    again = '[[workflows.order]]\nname = "b"\nawait = { channel = "hooks", key = "id" }\n'

    assert load(WITH_CHANNELS + again).plan.workflows["order"][-1].channel == "hooks"


def test_only_the_service_sends_on_server_sent_events(problems):
    feed = '[channels.feed]\nrealtime = "sse"\nurl = "/feed"\nkey = "json.id"\n'

    found = problems(WITH_CHANNELS.replace(SAID, SAID.replace('"status"', '"feed"')) + feed)

    (problem,) = found
    assert '"feed" speaks SSE, in which only the service sends' in problem
    assert problem.startswith("plan.toml:36: workflows.order[4].publish.channel: ")


def test_messages_of_a_plain_websocket_have_no_event(problems):
    feed = '[channels.feed]\nrealtime = "websocket"\nurl = "/feed"\nkey = "json.id"\n'

    (problem,) = problems(WITH_CHANNELS.replace(SAID, SAID.replace('"status"', '"feed"')) + feed)

    assert "publish.event: messages of websocket have no event" in problem


@pytest.mark.parametrize("outside", ["setup", "teardown"])
def test_nobody_listens_before_and_after_the_load(problems, outside):
    steps = f"""\
[[{outside}]]
http = "POST /orders"
capture = {{ id = "json.id" }}
[[{outside}]]
{TOLD}
"""
    (problem,) = problems(WITH_CHANNELS + steps)

    assert f"{outside}[1].await: {outside} cannot `await`" in problem


def test_an_await_in_set_up_is_told_just_that(problems):
    (problem,) = problems(WITH_CHANNELS + f"[[setup]]\nlet = {{ id = '1' }}\n{TOLD}\n")

    assert "setup[0].await: setup cannot `await`" in problem


def test_how_long_a_message_took_can_be_checked(load):
    quick = WITH_CHANNELS.replace('"json.data.total > 0"', '"duration < 1s"')

    assert load(quick).plan.workflows["order"][2].check[0].name == "duration < 1s"


def test_nor_in_a_workflow_that_set_up_uses(problems):
    (problem,) = problems(WITH_CHANNELS + '[[setup]]\nuse = "tell"\n' + _TELL)

    assert "workflows.tell[0].publish: setup cannot `publish`" in problem


_TELL = """\
[[workflows.tell]]
publish = { channel = "status", payload = 1, key = "'a'" }
"""


def test_a_batch_has_requests_alone(problems):
    (problem,) = problems(WITH_CHANNELS + f"[[workflows.order]]\nbatch = [{{ {TOLD} }}]\n")

    assert "expected a request, which is a table with http" in problem


def test_damaged_channels_and_steps_are_reported_once(problems):
    (problem,) = problems(WITH_CHANNELS.replace("subscribers = 5", 'subscribers = "5"'))
    assert "channels.status.subscribers: expected a whole number" in problem

    (problem,) = problems(WITH_CHANNELS.replace("POST /orders", "PST /orders"))
    assert "did you mean POST?" in problem


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("webhook_delivered: rate >= 99.9%", None),
        ("webhook_delivered{channel=hooks}: rate >= 99.9%", None),
        ("webhook_delivery_duration{step='is told'}: p95 < 1s", None),
        ("webhook_duplicates{channel=hooks}: count == 0", None),
        ("realtime_propagation{channel=status}: p95 < 1s", None),
        ("realtime_propagation{step='say it', workflow=order}: p95 < 1s", None),
        ("await_failed{channel=hooks}: rate < 1%", None),
        ("checks{channel=hooks}: rate > 99%", None),
        ("webhook_delivered{channel=status}: rate > 1%", 'never has channel "status" in this plan'),
        ("webhook_duplicates{step='is told'}: count == 0", "`webhook_duplicates` has no step in this plan | it can be selected by channel"),
        ("await_duration{step=place}: p95 < 1s", '`await_duration` never has step "place"'),
        ("http_req_duration{channel=hooks}: p95 < 1s", "`http_req_duration` has no channel in this plan"),
        ("publishes{step='is told'}: count > 1", '`publishes` never has step "is told"'),
    ],
)  # fmt: skip
def test_a_row_is_about_what_the_plan_has(load, problems, row, expected):
    text = f'{WITH_CHANNELS}[benchmarks]\na = "{row}"\n'
    if expected is None:
        assert load(text).plan.benchmarks
    else:
        (problem,) = problems(text)
        assert expected in problem


def test_a_row_about_a_channel_that_nobody_awaits_is_refused(problems):
    text = WITH_CHANNELS.replace(TOLD, 'think = "1s"').replace(
        'check = ["json.data.total > 0"]\n', ""
    )

    (problem,) = problems(text + '[benchmarks]\na = "webhook_delivered: rate > 99%"\n')

    assert "nothing in this plan gives `webhook_delivered` a value" in problem
