"""Proving: what of this machine needs none, and where a proof would be asked for.

What is published elsewhere is asked for in tests/cli/safety.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from wedload.errors import PlanError, UsageError
from wedload.fleet.proving import asked_of, prove
from wedload.plan.hosts import Host
from wedload.plan.loader import load_plan
from wedload.plan.model import Target
from wedload.workload.permits import Permits
from wedload.workload.request import Origin


@pytest.fixture
def loaded(plan, tmp_path):
    def make(target: str):
        plan(target=target)
        return load_plan(tmp_path / "plan.toml")

    return make


@pytest.mark.parametrize(
    "target",
    [
        "sandbox = true",
        'base_url = "http://127.0.0.1:9"',
        'base_url = "http://localhost:9"\nallow_hosts = ["127.1", "::1"]',
        'base_url = "http://www.acme.com"\nhosts = { "www.acme.com" = "127.0.0.1" }',
        'base_url = "http://nowhere.invalid"',
    ],
)
async def test_what_is_on_this_machine_or_nowhere_needs_no_proof(loaded, target):
    told: list[str] = []

    permits = await prove(loaded(target), "local", production=False, notify=told.append)

    assert permits == Permits()
    assert told == []  # nobody was asked


async def test_production_is_refused_on_this_machine_too_until_the_command_line_says_so(loaded):
    made = loaded('base_url = "http://127.0.0.1:9"\nenvironment = "production"')

    with pytest.raises(PlanError, match='environment is "production"') as refused:
        await prove(made, "local", production=False)

    assert "--production" in str(refused.value)
    assert await prove(made, "local", production=True) == Permits()


async def test_the_command_line_does_not_allow_what_the_plan_does_not_say(loaded):
    with pytest.raises(UsageError, match="--production is given, and target local"):
        await prove(loaded('base_url = "http://127.0.0.1:9"'), "local", production=True)


async def test_all_that_is_refused_is_told_at_once_with_its_places(loaded):
    made = loaded('base_url = "http://169.254.169.254"\nallow_hosts = ["224.0.0.1", "fe80::1"]')

    with pytest.raises(PlanError) as refused:
        await prove(made, "local", production=False)

    assert len(refused.value.problems) == 3
    assert "local.base_url" in str(refused.value)
    assert "local.allow_hosts[1]" in str(refused.value)


@pytest.mark.parametrize(
    ("host", "origin", "port", "has_record"),
    [
        ("staging.test", Origin("http", "staging.test", 8080), None, True),
        ("auth.test", Origin("https", "auth.test", 443), None, True),
        ("198.51.100.7", Origin("https", "198.51.100.7", 443), None, False),
        ("led.test", Origin("https", "led.test", 443), 8443, False),
    ],
)
def test_a_file_is_asked_for_where_the_target_is_or_on_https(host, origin, port, has_record):
    target = Target(
        base_url="http://Staging.test:8080/app",
        allow_hosts=("auth.test", "198.51.100.7", "led.test"),
        hosts=(Host("led.test", "198.51.100.8", 8443),),
    )

    asked = asked_of(host, target, ["198.51.100.8"])

    found = SimpleNamespace(**{name: getattr(asked, name) for name in asked.__slots__})
    assert (found.host, found.port, found.has_record) == (host, port, has_record)
    assert (found.origin.scheme, found.origin.host.lower(), found.origin.port) == origin
