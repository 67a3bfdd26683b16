"""`python` steps: what each of them may say."""

from __future__ import annotations

import pytest

from wedload.plan.verbs.python import Coroutine, PythonStep

STEP = '[[workflows.visit]]\nname = "own"\npython = "flows.order:send"\n'


def test_all_that_a_step_can_say_is_read(load, valid):
    text = """\
[[workflows.visit]]
python = "flows.order:send"
as = "couple"
timeout = "2s"
reports = ["saved"]
check = ["json.n > 0"]
capture = { n = "json.n" }
[[workflows.visit]]
name = "more"
python = "flows:more"
let = { m = "${n}" }
[identities.couple]
[benchmarks]
"Soon" = "python_duration{step=more}: p95 < 1s"
"Works" = "python_failed: rate < 1%"
"Requests of it" = "http_req_duration{step=more}: p95 < 1s"
"Saved" = "checks{check=saved}: rate > 99%"
"""
    plan = load(valid + text).plan
    step, more = plan.workflows["visit"][1:]

    assert isinstance(step, PythonStep)
    assert (step.label, more.label) == ("python flows.order:send", "more")
    assert step.python == Coroutine("flows.order", "send")
    assert (step.identity, step.timeout) == ("couple", 2_000_000_000)
    assert step.check_names == ("json.n > 0", "saved")
    assert step.is_to_be_undone  # as one of its requests may say


@pytest.mark.parametrize(
    "text",
    [
        "flows", "flows:", ":send", "flows.send", "flows/order:send", "flows.py:send:x",
        "../flows:send", "flows:send()", "flows: send", "flows.class:send", "flows:lambda",
        "flows:größe", "f" * 300 + ":g", "", "os;import x:y",
    ],
)  # fmt: skip
def test_what_names_no_coroutine_is_refused(problems, valid, text):
    (said,) = problems(valid + STEP.replace("flows.order:send", text))

    assert said.startswith("plan.toml:15: workflows.visit[1].python: ")
    assert "is not module:coroutine" in said


def test_a_file_is_no_module(problems, valid):
    (said,) = problems(valid + STEP.replace("flows.order", "flows/order.py"))

    assert "a module is named without its folder and without .py" in said


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('as = "nobody"', 'there is no identity "nobody"'),
        ('reports = ["a", "a"]', 'there are two checks "a"'),
        ('reports = ["json.a"]\ncheck = ["json.a"]', 'there are two checks "json.a"'),
        ('reports = "a"', "reports"),
        ('cleanup = "DELETE /"', "`cleanup` belongs to steps with `http`"),
    ],
)
def test_other_mistakes(problems, valid, lines, said):
    assert any(said in one for one in problems(valid + STEP + lines + "\n"))
