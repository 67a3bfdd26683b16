"""`batch` steps: requests that belong together, and what each of them may say."""
# ruff: noqa: E501 - a case of a table is one line

from __future__ import annotations

import pytest

from wedload.plan.secrets.environment import missing_env
from wedload.plan.verbs import BatchStep


def batch(*requests: str, more: str = "") -> str:
    return f"[[workflows.visit]]\n{more}batch = [\n" + ",\n".join(requests) + "\n]\n"


def test_a_batch_holds_http_steps(load, valid):
    text = batch(
        '{ name = "a", http = "GET /a", as = "couple", check = ["status == 200"] }',
        '{ http = "POST /b", json = { x = 1 }, capture = { b = "json.id" }, tags = { k = "v" } }',
    )
    plan = load(
        valid + text + '[[workflows.visit]]\nhttp = "GET /${b}"\n[identities.couple]\n'
    ).plan
    step = plan.workflows["visit"][1]
    assert isinstance(step, BatchStep)
    assert [request.http.method for request in step.batch] == ["GET", "POST"]
    assert step.batch[0].as_ == "couple"


@pytest.mark.parametrize(
    ("requests", "line", "said"),
    [
        (['{ name = "a" }'], 15, "batch[0]: expected a request, which is a table with http"),
        (['"GET /a"'], 15, "batch[0]: expected a request, which is a table with http"),
        (['{ http = "GET /a", when = "vu > 1" }'], 15, "batch[0].when: `when` belongs to the batch"),
        (['{ http = "GET /a", let = { x = 1 } }'], 15, "batch[0].let: `let` belongs to the batch"),
        (['{ http = "GET /a", think = "1s" }'], 15, "`think` belongs to steps with `think`"),
        (['{ http = "GET /a", chek = [] }'], 15, "batch[0].chek: there is no key `chek` here | did you mean check?"),
        (['{ http = "GET /a" }', '{ http = "GTE /b" }'], 16, "'GTE /b' does not start with a method"),
        (['{ http = "GET /a", check = ["status =="] }'], 15, "batch[0].check[0]: "),
        (['{ http = "GET /a", as = "nobody" }'], 15, 'batch[0].as: there is no identity "nobody"'),
        (['{ http = "GET /a", as = 5 }'], 15, "batch[0].as: expected text in quotes"),
        (['{ http = "GET /a", tags = { step = "x" } }'], 15, "`step` cannot be a tag"),
        (['{ http = "GET /a" }', '{ http = "GET /a" }'], 16, 'two steps "GET /a" (the other is in line 15)'),
        (['{ http = "GET /a", name = "look" }'], 15, 'two steps "look" (the other is in line 10)'),
        (['{ http = "GET /${x}" }'], 15, "batch[0].http: there is no variable `x` here"),
        (['{ http = "GET /a", body_file = "no" }'], 15, "batch[0].body_file: "),
        (
            ['{ http = "GET /a", capture = { x = "json" } }', '{ http = "GET /${x}" }'],
            16,
            "batch[1].http: there is no variable `x` here",
        ),
        (
            ['{ http = "GET /a", discard_body = true, check = ["json.x"] }'],
            15,
            "batch[0].check[0]: `json` is of the body",
        ),
        ([], 14, "batch: the batch has no requests"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_request_is_said_at_its_place(problems, valid, requests, line, said):
    (problem,) = problems(valid + batch(*requests))
    assert problem.startswith(f"plan.toml:{line}: workflows.visit[1]")
    assert said in problem


def test_a_batch_that_is_no_list_is_reported_once(problems, valid):
    (problem,) = problems(f'{valid}[[workflows.visit]]\nbatch = "GET /a"\n')
    assert problem == 'plan.toml:14: workflows.visit[1].batch: expected a list, found "GET /a"'


def test_rows_can_be_about_the_requests_of_a_batch(load, problems, valid):
    requests = batch(
        '{ name = "a", http = "GET /a", tags = { own = "yes" }, check = ["status == 200"] }',
        more='tags = { page = "home" }\ngroup = "g"\n',
    )
    rows = (
        "[benchmarks]\n"
        '1 = "http_req_duration{step=a, page=home, own=yes, group=g}: p95 < 1s"\n'
        "2 = \"checks{check='status == 200'}: rate > 99%\"\n"
    )
    assert len(load(valid + requests + rows).plan.benchmarks) == 2
    (problem,) = problems(valid + requests + rows.replace("step=a", "step=b"))
    assert 'never has step "b"' in problem


def test_what_a_batch_reads_of_the_environment_is_asked_for(load, valid):
    text = valid + batch('{ http = "GET /${env.WEDLOAD_SHOP}" }')
    (problem,) = missing_env(load(text), {}, target="sandbox")
    assert "WEDLOAD_SHOP" in problem.message


def test_what_a_batch_of_setup_captures_every_step_knows(load, valid):
    setup = '[[setup]]\nbatch = [{ http = "POST /shop", capture = { shop = "json.id" } }]\n'
    assert load(f'{valid}{setup}[[teardown]]\nhttp = "DELETE /${{shop}}"\n')
