"""Secrets and signatures of webhooks, and what another implementation makes of them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from wedload.sandbox.webhook_signature import key_of, new_secret, signature, wrong_key


def headers(key, body, message_id="msg_1"):
    now_s = int(time.time())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": signature(key, message_id, now_s, body),
    }


def test_signature_is_that_of_the_known_answer():
    # The example of the specification's own reference libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signature(
        key_of(secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(min_size=24, max_size=64), st.text(st.characters(codec="utf-8"), max_size=200))
def test_other_implementation_verifies_it(key, text):
    body = text.encode()
    Webhook(key).verify(body, headers(key, body), json_parse=False)


@given(st.binary(min_size=24, max_size=64))
def test_other_implementation_refuses_what_is_signed_with_the_wrong_key(key):
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        Webhook(key).verify(b"{}", headers(wrong_key(key), b"{}"))


def test_generated_secrets_differ_and_are_long_enough():
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(key_of(secret)) for secret in secrets} == {32}


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_c2hvcnQ=",
        "whsec_" + "A" * 88,  # 66 bytes
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa!!",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLäSw",
    ],
)
def test_what_is_no_secret_is_refused_and_not_quoted(secret):
    with pytest.raises(ValueError, match="must be whsec_ and base64 of 24 to 64 bytes") as refused:
        key_of(secret)
    assert len(secret) < 7 or secret not in str(refused.value)
