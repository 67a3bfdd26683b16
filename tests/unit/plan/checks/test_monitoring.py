"""`[monitoring]` of a plan: what is wrong with who is told, and how."""

from __future__ import annotations

import pytest

from tests.helpers.plans import SMALLEST
from wedload.plan.loader import parse_plan

HEAD = SMALLEST + "\n[monitoring]\n"
LISTEN = '[monitoring.prometheus]\nlisten = "127.0.0.1:9646"\n'


@pytest.fixture
def found(problems):
    def of(text: str) -> list[str]:
        return [one.partition(": ")[2] for one in problems(HEAD + text)]

    return of


@pytest.mark.parametrize(
    "text",
    [
        LISTEN,
        'json_lines = "figures.jsonl"\n',
        'every = "1s"\nlabels = { team = "booking", job_of = "x" }\n' + LISTEN,
        'prometheus = { listen = "0.0.0.0:9646", expose = true }\n',
        'otlp = { endpoint = "http://127.0.0.1:4318" }\n',
    ],
)
def test_what_can_be_done_is_no_problem(text, tmp_path):
    assert parse_plan(HEAD + text, file="plan.toml", base=tmp_path).plan.monitoring is not None


def test_nobody_to_be_told_is_a_mistake(found):
    (problem,) = found('every = "5s"\n')
    assert problem.startswith("monitoring: tells nobody of anything")
    assert "9646" in problem


def test_a_prometheus_that_gets_nothing_is_a_mistake(found):
    (problem,) = found('prometheus = { job = "x" }\n')
    assert problem.startswith("monitoring.prometheus: says neither where")


def test_figures_are_not_there_more_often_than_once_a_second(found):
    (problem,) = found('every = "999ms"\n' + LISTEN)
    assert problem.startswith("monitoring.every: is less than a second")


@pytest.mark.parametrize("label", ["scenario", "run", "le", "outcome", "worker"])
def test_no_label_of_wedloads_own_can_be_set(found, label):
    (problem,) = found(f'labels = {{ {label} = "x" }}\n{LISTEN}')
    assert problem.startswith(f"monitoring.labels.{label}: `{label}` is a label of wedload's own")


@pytest.mark.parametrize("listen", ["0.0.0.0:9646", "nowhere", "127.0.0.1:70000"])
def test_where_nobody_may_listen_is_said(found, listen):
    (problem,) = found(f'prometheus = {{ listen = "{listen}" }}\n')
    assert problem.startswith(f'monitoring.prometheus.listen: "{listen}" ')


def test_two_cannot_have_one_port(problems):
    (problem,) = problems(HEAD + LISTEN + '[tracing]\nlisten = "127.0.0.1:9646"\n')
    assert "the receiver of spans listens there already" in problem


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("figures.json", '"figures.json" does not end in .jsonl'),
        ("Makefile", '"Makefile" does not end in .jsonl'),
        ("../figures.jsonl", "lies outside of the plan's folder"),
        ("/tmp/figures.jsonl", "lies outside of the plan's folder"),
    ],
)
def test_a_plan_adds_to_no_file_that_may_be_something_else(found, name, said):
    (problem,) = found(f'json_lines = "{name}"\n')
    assert problem.startswith("monitoring.json_lines: ")
    assert said in problem
