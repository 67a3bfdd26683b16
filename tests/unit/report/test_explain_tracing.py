from pathlib import Path

import pytest

from tests.unit.plan.test_tracing import PLAN
from wedload.plan.loader import parse_plan
from wedload.report.explain_tracing import tracing_lines

TELLS = "${tracing.endpoint}"


def said(text: str, **more):
    plan = parse_plan(text, file="plan.toml", base=Path()).plan
    return [line for line, _ in tracing_lines(plan, "here", **more)]


def test_it_says_how_much_is_traced_and_where_spans_come():
    assert said(PLAN) == ["traces 5 % of requests; spans are received on 127.0.0.1, any free port"]
    assert said(PLAN.replace(TELLS, "").replace("[tracing]\n", "")) == []


@pytest.mark.parametrize(
    ("target", "listen", "knows"),
    [
        ('base_url = "http://127.0.0.1:8000"', "127.0.0.1:0", False),
        ('base_url = "http://127.0.0.1:8000"', "127.0.0.1:4318", True),
        ("sandbox = true", "127.0.0.1:0", True),
    ],
)
def test_a_target_that_cannot_know_the_port_is_pointed_at(target, listen, knows):
    text = PLAN.replace(TELLS, "").replace('base_url = "http://127.0.0.1:8000"', target)
    lines = said(f'{text}listen = "{listen}"\n')
    assert len(lines) == 1 + (not knows)
    assert knows or "target here cannot know that port before a run" in lines[1]


def test_what_is_missing_is_said_before_a_run():
    assert "pip install 'wedload[tracing]'" in said(PLAN, missing=True)[-1]
