"""What is certainly wrong with the tracing of a plan."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.plan.test_tracing import PLAN
from wedload.plan.loader import parse_plan


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('listen = "0.0.0.0:4318"', 'tracing.listen: "0.0.0.0:4318" can be reached from other'),
        ('listen = "here"', 'tracing.listen: "here" is not an address on this machine'),
        ('listen = "127.0.0.1:99999"', "has the port 99999"),
        ("max_spans = 99", "tracing.max_spans: is 99; it must be from 100 to 5,000,000"),
        ("max_spans = 5_000_001", "tracing.max_spans: is 5,000,001; it must be"),
        ("shares = 0.1", "tracing.shares: there is no key `shares` here | did you mean share?"),
    ],
)
def test_each_mistake_is_told_with_its_line(problems, line, expected):
    (problem,) = problems(f"{PLAN}{line}\n")
    assert problem.startswith("plan.toml:13: ")
    assert expected in problem


def test_it_may_be_exposed():
    text = f'{PLAN}listen = "0.0.0.0:4318"\nexpose = true\n'
    assert parse_plan(text, file="plan.toml", base=Path()).plan.tracing.expose


def test_nobody_else_may_listen_there(problems):
    taken = (
        '[channels.hooks]\nwebhook = "/"\nkey = "json.id"\nlisten = "127.0.0.1:4318"\n'
        'signature = { scheme = "none" }\n'
    )
    (problem,) = problems(f'{PLAN}listen = "127.0.0.1:4318"\n{taken}')
    assert "tracing.listen: the channel hooks listens there already" in problem


def test_the_address_of_spans_is_read_where_there_is_one(problems):
    (problem,) = problems(PLAN.replace("[tracing]\n", ""))
    assert problem.startswith("plan.toml:11: ")
    assert 'nothing is traced | write [tracing] share = "5%"' in problem
    (problem,) = problems(PLAN.replace("tracing.endpoint", "tracing.url"))
    assert "tracing has no `url`; known: tracing.endpoint" in problem
