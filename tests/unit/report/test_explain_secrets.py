"""What `check` tells of secrets."""

from __future__ import annotations

from tests.helpers.credentials import token
from wedload.plan.secrets.held import Held
from wedload.plan.secrets.tokens import token_facts
from wedload.report.explain_secrets import secret_lines


def test_secrets_that_are_there_are_named_and_tokens_explained():
    facts = token_facts(token({"iss": "me", "role": "service_role"}))
    held = [
        Held("env.A", ("x",), there=True), Held("env.B", ("x",), there=False),
        Held("secrets.c", ("x",), there=True, facts=facts),
    ]  # fmt: skip

    assert list(secret_lines(held)) == [
        ("secrets that are there: env.A, secrets.c", "dim"),
        (
            "secrets.c is a JSON Web Token: issuer me, role service_role, expires never",
            "dim",
        ),
        ("secrets.c may do more than a load test needs: it has service_role", "yellow"),
    ]


def test_of_no_secrets_nothing_is_said():
    assert list(secret_lines([Held("env.B", ("x",), there=False)])) == []
