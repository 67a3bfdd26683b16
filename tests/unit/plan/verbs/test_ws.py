"""`ws` steps: what each of them may say."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from wedload.plan.secrets.environment import missing_env
from wedload.plan.verbs import WsStep

STEP = '[[workflows.visit]]\nname = "ask"\nws = "/chat"\n'


def test_all_that_a_step_can_say_is_read(load, valid):
    text = """\
[[workflows.visit]]
ws = "/chat/${vu}"
as = "couple"
headers = { X-A = "a" }
subprotocol = "v1"
send = { ask = "${iteration}" }
expect = "json.answer == iteration"
within = "2s"
capture = { said = "json.said" }
check = ["duration < 1s", "status == 101"]
close = true
[[workflows.visit]]
name = "more"
ws = "wss://127.0.0.1:8/x"
send = "${said}"
[identities.couple]
[benchmarks]
"Soon" = "ws_duration{step=more}: p95 < 1s"
"Works" = "ws_failed: rate < 1%"
"""
    plan = load(valid + text).plan
    step, more = plan.workflows["visit"][1:]
    assert isinstance(step, WsStep)
    assert (step.label, more.label) == ("ws /chat/${vu}", "more")
    assert (step.identity, step.within, step.close) == ("couple", 2_000_000_000, True)
    assert step.kept_open is step.ws
    assert (more.send.value.source, more.expect, more.close) == ("${said}", None, False)


def test_all_expressions_of_a_step_are_known_to_the_plan(load, valid):
    name = "WEDLOAD_NO_SUCH_{}"
    fields = [
        'ws = "/${env.%s}"', 'headers = { X = "${env.%s}" }', 'subprotocol = "${env.%s}"',
        'send = { deep = ["${env.%s}"] }', 'expect = "json.x == env.%s"', 'check = ["text == env.%s"]',
        'capture = { y = "json[env.%s]" }',
    ]  # fmt: skip
    lines = [field % name.format(number) for number, field in enumerate(fields)]
    loaded = load(valid + "[[workflows.visit]]\n" + "\n".join(lines) + "\n")
    found = missing_env(loaded, {})
    asked = [one.message.split()[-4] for one in found]
    assert sorted(asked) == [name.format(number) for number in range(len(fields))]


@pytest.mark.parametrize(
    ("lines", "line", "said"),
    [
        ('ws = "chat"', 1, "'chat': a URL starts with / or ws:// or wss://"),
        (
            'ws = "http://a.example/chat"',
            1,
            "is a URL of requests; a WebSocket's is ws://a.example/chat",
        ),
        ('ws = "https://a.example/chat"', 1, "a WebSocket's is wss://a.example/chat"),
        ('ws = "GET /chat"', 1, "a WebSocket is opened without a method; write /chat"),
        ('ws = "/a b"', 1, "a URL has no spaces"),
        ('ws = "/a#b"', 1, "what follows a # is never sent"),
        ('ws = 5', 1, "expected text in quotes"),
        ('ws = "/chat"\nsendd = "x"', 2, "there is no key `sendd` here | did you mean send?"),
        ('ws = "/chat"\nhttp = "GET /"', 0, "the step has 2 verbs (ws, http); it needs exactly one"),
        ('ws = "/chat"\nexpect = "json.a =="', 2, "expect: "),
        ('ws = "/chat"\nexpect = "json.a == b"', 2, "expect: there is no variable `b` here"),
        ('ws = "/chat"\nwithin = "0s"', 2, "within: "),
        ('ws = "/chat"\nclose = "yes"', 2, "close: "),
        ('ws = "/chat"\nas = "nobody"', 2, 'as: there is no identity "nobody"'),
        ('ws = "/chat"\nquery = { a = "b" }', 2, "`query` belongs to steps with `http`, and this one has `ws`"),
        ('ws = "/chat"\nheaders = { Upgrade = "x" }', 2, "headers.Upgrade: Upgrade belongs to the handshake itself | take it out"),
        ('ws = "/chat"\nheaders = { sec-websocket-protocol = "x" }', 2, 'belongs to the handshake itself | write subprotocol = "…"'),
        ('ws = "/chat"\nsend = "${json.a}"', 2, "send: `json` belongs to a response"),
        ('ws = "/chat"\nsend = { a = ["${b}"] }', 2, "send.a[0]: there is no variable `b` here"),
        ('ws = "/chat"\ncheck = ["json.a == 1"]', 2, "check[0]: `json` is of a message, and this step awaits none | add expect"),
        ('ws = "/chat"\nsend = "x"\ncapture = { a = "text" }', 3, "capture.a: `text` is of a message, and this step awaits none"),
        ('ws = "/chat"\nas = "old"\n[identities.old.auth]\ndigest = { user = "a", password = "${env.WEDLOAD_B}" }', 2, "as: a WebSocket's handshake answers no Digest challenge"),
        ('ws = "/chat"\n[http]\nclient = "aiohttp"\nproxy = "http://127.0.0.1:3128"', 1, "ws: a WebSocket is connected to without a proxy, and [http] has one"),
        ('ws = "/chat"\nname = "look"', 0, 'there are two steps "look"'),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_line(valid, problems, lines, line, said):
    (found,) = problems(f"{valid}[[workflows.visit]]\n{lines}\n")
    begin = valid.count("\n") + 1  # the line in which the step begins
    assert found.startswith(f"plan.toml:{begin + line}: "), found
    assert said in found


@pytest.mark.parametrize("key", ["send", "expect", "within", "subprotocol", "close"])
def test_keys_of_a_conversation_belong_to_ws(valid, problems, key):
    (found,) = problems(f'{valid}{key} = "1s"\n')
    assert f"`{key}` belongs to steps with `ws`, and this one has `http`" in found


def test_status_and_duration_can_be_checked_where_nothing_is_awaited(load, valid):
    step = load(f'{valid}{STEP}check = ["status == 101", "duration < 1s"]\n').plan.workflows[
        "visit"
    ][1]
    assert len(step.check) == 2
