"""Plans that go around rate limits, and those that only look like it."""

from __future__ import annotations

import pytest

from wedload.errors import PlanError
from wedload.plan.checks.rate_limits import OF_ADDRESS
from wedload.plan.loader import parse_plan

PLAN = """
schema = 1
name = "t"
[targets.here]
base_url = "http://127.0.0.1:8000"
{more}
[variables]
same = "192.0.2.7"
told = "${{env.WEDLOAD_ADDRESS}}"
{itself}
other = "${{random(1, 9)}}"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[workflows.visit]]
name = "look"
{step}
"""


def parsed(step, more="", itself=""):
    return parse_plan(PLAN.format(step=step, more=more, itself=itself), file="plan.toml", base=".")


def problems(step, more="", itself=""):
    with pytest.raises(PlanError) as raised:
        parsed(step, more, itself)
    return [problem.message for problem in raised.value.problems if "varies" in problem.message]


@pytest.mark.parametrize("name", sorted(OF_ADDRESS))
def test_no_header_that_tells_an_address_may_vary(name):
    for spelt in (name, name.upper()):
        assert problems(f'http = "GET /"\nheaders = {{ {spelt} = "${{vu}}" }}')


@pytest.mark.parametrize("value", ["192.0.2.1", "${same}", "${told}", "${same}, ${env.WEDLOAD_A}"])
def test_one_that_is_always_the_same_may_be_sent(value):
    parsed(f'http = "GET /"\nheaders = {{ X-Forwarded-For = "{value}" }}')


def test_a_variable_that_reads_itself_ends_nothing():
    (said,) = problems(
        'http = "GET /"\nheaders = { X-Real-IP = "${itself}${other}" }',
        itself='itself = "${itself}"',
    )
    assert "this one varies (the variable other: it calls random())" in said


@pytest.mark.parametrize("value", ["${uuid()}", "${now()}", "${choice(['a', 'b'])}", "${stage}"])
def test_functions_that_vary_are_seen(value):
    assert problems(f'http = "GET /"\nheaders = {{ X-Real-IP = "{value}" }}')


def test_a_handshake_may_not_either():
    assert problems('ws = "/socket"\nheaders = { X-Real-IP = "${vu}" }')


def test_who_probes_may_by_step_or_plan():
    headers = (
        'headers = { X-Forwarded-For = "192.0.2.${vu}" }\nretry = { respect_retry_after = false }'
    )
    parsed(f'http = "GET /"\nrate_limits = "probe"\n{headers}')
    parsed(f'http = "GET /"\n{headers}', '[http]\nrate_limits = "probe"')
    assert problems(
        f'http = "GET /"\nrate_limits = "obey"\n{headers}', '[http]\nrate_limits = "probe"'
    )


def test_any_other_header_may_vary():
    parsed('http = "GET /"\nheaders = { X-Request-Id = "${uuid()}" }')
