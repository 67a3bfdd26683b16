"""What looks like a credential: each vendor's, and what only looks so."""

from __future__ import annotations

import pytest

from tests.helpers.credentials import token, vendor_keys
from wedload.plan.secrets.credentials import (
    KINDS,
    credentials_in,
    find_credentials,
    kinds_in,
    masked,
)

KEYS = vendor_keys()


@pytest.mark.parametrize("name", KEYS)
def test_each_vendors_credential_is_found_and_called_by_its_vendor(name):
    text = f"a line\nkey = '{KEYS[name]}' # and more"

    found = list(find_credentials(text))

    assert found, name
    assert any(
        set(name.replace(",", "").split()) & set(one.kind.what.split()) for one in found
    ) or (name in {"restricted", "GitHub, fine-grained", "Azure"})
    assert KEYS[name] not in repr(found)


def test_every_kind_is_tried():
    found = {one.kind.what for key in KEYS.values() for one in find_credentials(f" {key} ")}

    assert found == {kind.what for kind in KINDS}
    assert all(kind.source for kind in KINDS)


@pytest.mark.parametrize(
    "text",
    [
        "sk_" + "live_xxxxxxxxxxxxxxxxxxxxxxxx", "sk_" + "test_your_key_here_please",
        "sk_" + "test_4eC39HqLyjWDarjtT1zdp7dc", "AKIAIOSFODNN7EXAMPLE",
        "ghp_" + "x" * 36, "ghp_" + "A" * 36, "SG.<key>", "xoxb-your-token",
        "postgresql://user:password@localhost/db", "http://user:changeme@host",
        "http://user:${env.WEDLOAD_PASSWORD}@host", "http://${env.A}:${env.B}@host",
        "http://host:8080/x@y", "mail user@example.com", "https://a.example/@user",
        "-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----",
        "eyJhbGciOiJIUzI1NiJ9.nothing", "test_scenario_of_the_load_of_guests_in_spring",
        "pre_live_" + "words-that-are-no-key-at-all-of-them", "SKU-17 SKILLED", "re_use_it",
        "npm_config_registry", "pk_" + "test_51H8xyzABCDEFGH", "live_view", "hf_hub", "glue-pat",
        token({"iss": "supabase-demo", "role": "anon"}),
        token({"sub": "1234567890"}).rpartition(".")[0]
        + ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    ],
)  # fmt: skip
def test_placeholders_and_published_examples_are_no_credentials(text):
    assert list(find_credentials(f"value = '{text}'")) == []


def test_what_is_masked_in_texts_is_more_than_what_a_plan_is_refused_for():
    for text in ("Bearer abcdef0123456789", "sk_" + "test_xxxxxxxxxxxx", "eyJhbGciOiJIUzI1NiJ9"):
        ((begin, end),) = set(credentials_in(text))
        assert (begin, end) == (text.find(" ") + 1, len(text))
        assert list(find_credentials(text)) == []


@pytest.mark.parametrize(
    ("name", "live"),
    [
        ("live-mode secret", True), ("restricted", True), ("publishable", True),
        ("live API key", True), ("Razorpay", True), ("Braintree", True), ("Plaid", True),
        ("test-mode", False), ("test API key", False), ("GitHub", False), ("AWS", False),
    ],
)  # fmt: skip
def test_credentials_of_production_are_told_by_their_vendors_mark(name, live):
    assert any(kind.live for kind in kinds_in(KEYS[name])) == live


def test_masked_credential_shows_its_vendor_and_its_length():
    assert masked("sk_" + "live_0123456789") == "sk_l… (18 characters)"
    assert masked("hunter2") == "… (7 characters)"
