"""What a JSON Web Token says of itself."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.helpers.credentials import token
from wedload.plan.secrets.tokens import token_facts

NOW = datetime(2026, 11, 27, tzinfo=UTC)


def facts(**claims):
    found = token_facts(token(claims))
    assert found is not None
    return found


def test_issuer_audience_role_scopes_and_expiry_are_read():
    found = facts(
        iss="https://id.staging.example", aud=["api", "forms"], role="authenticated",
        scope="forms:read forms:write", exp=1_796_000_000,
    )  # fmt: skip

    assert found.in_words() == (
        "issuer https://id.staging.example, audience api, forms, role authenticated, "
        "scopes forms:read, forms:write, expires 2026-11-30 00:53 UTC"
    )
    assert not found.powerful


@pytest.mark.parametrize("name", ["scope", "scp", "scopes", "permissions", "roles"])
@pytest.mark.parametrize("value", ["a b", ["a", "b"]])
def test_scopes_are_found_under_the_names_that_issuers_use(name, value):
    assert facts(**{name: value}).scopes == ("a", "b")


@pytest.mark.parametrize(
    ("claims", "powerful"),
    [
        ({"role": "service_role"}, ("service_role",)),
        ({"role": "supabase_admin"}, ("supabase_admin",)),
        ({"scope": "admin forms:read"}, ("admin",)),
        ({"scope": "admin:users forms:admin"}, ("admin:users", "forms:admin")),
        ({"scope": "realm/admin"}, ("realm/admin",)),
        ({"scope": "forms:* *"}, ("forms:*", "*")),
        ({"roles": ["superuser", "supplier"]}, ("superuser",)),
        ({"role": "authenticated", "scope": "forms:read"}, ()),
        ({"role": "anon", "scope": "administrative-area badminton"}, ()),
    ],
)  # fmt: skip
def test_roles_and_scopes_of_more_than_a_load_test_needs_are_told(claims, powerful):
    assert facts(**claims).powerful == powerful


def test_token_is_expired_from_its_instant_on_and_never_without_one():
    exp = NOW.timestamp()

    assert facts(exp=exp).expired(NOW)
    assert not facts(exp=exp + 1).expired(NOW)
    assert not facts().expired(NOW)
    assert "expires never" in facts().in_words()


def test_token_is_read_behind_the_word_bearer_and_between_spaces():
    assert token_facts(f" Bearer {token({'iss': 'me'})}\n").issuer == "me"


@pytest.mark.parametrize(
    "value",
    ["", "eyJ", "a.b.c", "eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.c2ln", "eyJhbGciOiJIUzI1NiJ9.WzFd.c2ln",
     "eyJ!.eyJ!.x", "eyJhbGciOiJIUzI1NiJ9.eyJ.x"],
)  # fmt: skip
def test_what_is_no_token_is_none(value):
    assert token_facts(value) is None


def test_odd_claims_are_shown_in_one_line_or_not_at_all():
    found = facts(
        iss="a\nb\x1b" + "x" * 200, aud=[1, None, "ok"], role=7, scope={"a": 1}, exp=1e300
    )

    assert found.issuer.startswith("a?b?xxx")
    assert len(found.issuer) == 80
    assert (found.audience, found.role, found.scopes, found.expires_at) == (("ok",), None, (), None)
    assert facts(exp=True, scope=["s"] * 9 + list("abcdefgh")).in_words().count(" and ") == 1
