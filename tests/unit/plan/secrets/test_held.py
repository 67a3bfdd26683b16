"""What is known of a run's secrets before it begins, and which of them it must not have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.helpers.credentials import token, vendor_keys
from wedload.plan.secrets.held import held_secrets, secret_problems

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
KEYS = vendor_keys()
PASSES_BY = "it passes by the access rules of the whole project"
PLAN = """\
schema = 1
name = "held"
[targets.there]
base_url = "http://127.0.0.1:8000"
[secrets]
env = ["SHOP_PROD_KEY", "DELIVERY_KEY"]
secret_file = { key = "key.txt", live_key = "live.txt" }
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "visit"
[[workflows.visit]]
http = "GET /"
headers = { A = "READ" }
"""


@dataclass
class Target:
    environment: str = "staging"


@pytest.fixture
def looked_at(load):
    def look(read, value, environment="staging"):
        loaded = load(PLAN.replace("READ", f"${{{read}}}"))
        namespace, _, name = read.partition(".")
        env, files = ({name: value}, {}) if namespace == "env" else ({}, {name: value})
        held = held_secrets(loaded, "there", env, files)
        return held, secret_problems(loaded, held, Target(environment), NOW)

    return look


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        ("env.WEDLOAD_KEY", KEYS["live-mode secret"], "is a live-mode secret key of Stripe"),
        ("env.WEDLOAD_KEY", KEYS["publishable"], "is a live-mode publishable key of Stripe"),
        ("env.WEDLOAD_KEY", f"Bearer {KEYS['live API key']}", "is a live API key of Mollie"),
        ("secrets.key", KEYS["restricted"], "is a live-mode secret key of Stripe"),
        ("env.SHOP_PROD_KEY", "x", "is a credential of production by its name"),
        ("env.WEDLOAD_LIVE_KEY", "x", "is a credential of production by its name"),
        ("env.WEDLOAD_PRODUCTION_KEY", "x", "is a credential of production by its name"),
        ("secrets.live_key", "x", "is a credential of production by its name"),
    ],
)
def test_credential_of_production_is_refused_unless_the_target_is_production(
    looked_at, read, value, said
):
    _, (problem,) = looked_at(read, value)

    assert problem.line == 15
    assert problem.message.startswith(f"workflows.visit[0].headers.A: {read} {said}")
    assert 'environment = "production"' in problem.hint
    assert value not in f"{problem}" or value == "x"
    assert looked_at(read, value, "production")[1] == []


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("env.WEDLOAD_KEY", KEYS["test-mode"]), ("env.WEDLOAD_KEY", "live"),
        ("env.WEDLOAD_PRODUCT_KEY", "x"), ("env.DELIVERY_KEY", "x"),
        ("secrets.key", "alive_and_well"),
    ],
)  # fmt: skip
def test_credentials_of_tests_are_let_through(looked_at, read, value):
    assert looked_at(read, value)[1] == []


def test_expired_token_is_refused_for_every_target(looked_at):
    value = token({"exp": NOW.timestamp() - 60})

    for environment in ("staging", "production"):
        _, (problem,) = looked_at("env.WEDLOAD_TOKEN", value, environment)
        assert (
            "env.WEDLOAD_TOKEN is a token that expired on 2026-11-27 11:59 UTC" in problem.message
        )


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (token({"role": "service_role"}), "it has service_role"),
        (token({"scope": "forms:read admin:*"}), "it has admin:*"),
        (KEYS["secret key of Supabase"], PASSES_BY),
        (f"Bearer {KEYS['access token of Supabase']}", PASSES_BY),
        (token({"role": "authenticated"}), None),
        ("opaque", None),
    ],
)
def test_secret_that_may_do_too_much_is_told(looked_at, value, why):
    (held,), problems = looked_at("secrets.key", value)

    assert held.too_much == why
    assert problems == []


def test_what_is_not_there_is_held_as_absent(load):
    loaded = load(PLAN.replace("READ", "${env('WEDLOAD_PROD_KEY', '')}${secrets.key}"))

    held = held_secrets(loaded, "there", {}, {})

    assert [(one.name, one.there) for one in held] == [
        ("env.WEDLOAD_PROD_KEY", False), ("secrets.key", False),
    ]  # fmt: skip
    assert secret_problems(loaded, held, Target(), NOW) == []
