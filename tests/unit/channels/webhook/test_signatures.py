"""Signatures of deliveries: what each scheme takes for genuine, and why it does not."""

from __future__ import annotations

import base64
import hmac

import pytest

from tests.helpers.signed import (
    OTHER_SECRET,
    SECRET,
    github_headers,
    standard_headers,
    stripe_headers,
)
from wedload.channels.webhook.signatures import SecretError, _github, verifier
from wedload.units import NS_PER_S

NOW_S = 1_614_265_330
BODY = b'{"test": 2432232314}'
#: the example that the libraries of Standard Webhooks are tested with
EXAMPLE = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(NOW_S),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
GOOD = EXAMPLE["webhook-signature"]
STANDARD = verifier("standard-webhooks", SECRET)


def renamed(headers: dict[str, str], prefix: str) -> dict[str, str]:
    return {name.replace("webhook", prefix): value for name, value in headers.items()}


def test_the_published_example_is_genuine():
    assert STANDARD(EXAMPLE, BODY, NOW_S) == (EXAMPLE["webhook-id"], None)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"webhook-id": ""}, "missing-header"),
        ({"webhook-timestamp": ""}, "missing-header"),
        ({"webhook-signature": ""}, "missing-header"),
        ({"webhook-signature": "v1"}, "malformed"),
        ({"webhook-signature": "v1,"}, "malformed"),
        ({"webhook-signature": GOOD[3:]}, "malformed"),
        ({"webhook-timestamp": "yesterday"}, "malformed"),
        ({"webhook-timestamp": f"{NOW_S}.0"}, "malformed"),
        ({"webhook-timestamp": f"-{NOW_S}"}, "malformed"),
        ({"webhook-timestamp": "1²"}, "malformed"),
        ({"webhook-timestamp": "1" * 40}, "malformed"),
        ({"webhook-timestamp": f"0{NOW_S}"}, "bad-signature"),
        ({"webhook-timestamp": str(NOW_S + 1)}, "bad-signature"),
        ({"webhook-id": "msg_other"}, "bad-signature"),
        ({"webhook-signature": GOOD.swapcase()}, "bad-signature"),
        ({"webhook-signature": GOOD.rstrip("=")}, "bad-signature"),
        ({"webhook-signature": "v1a," + GOOD[3:]}, "bad-signature"),
        ({"webhook-signature": "v1,é"}, "bad-signature"),
    ],
)
def test_what_is_not_as_it_was_signed_is_rejected_and_says_why(changed, why):
    headers = EXAMPLE | changed
    assert STANDARD(headers, BODY, NOW_S) == (headers["webhook-id"], why)


def test_another_body_or_another_secret_is_a_bad_signature():
    assert STANDARD(EXAMPLE, BODY + b" ", NOW_S).rejection == "bad-signature"
    other = verifier("standard-webhooks", OTHER_SECRET)
    assert other(EXAMPLE, BODY, NOW_S).rejection == "bad-signature"


@pytest.mark.parametrize(
    ("now_s", "why"),
    [
        (NOW_S + 300, None), (NOW_S + 300.5, "stale"), (NOW_S - 300, None),
        (NOW_S - 300.5, "future"),
    ],
)  # fmt: skip
def test_a_timestamp_is_within_the_tolerance_or_not(now_s, why):
    for headers, scheme in [
        (EXAMPLE, "standard-webhooks"),
        (stripe_headers(BODY, at_s=NOW_S), "stripe"),
    ]:
        assert verifier(scheme, SECRET)(headers, BODY, now_s).rejection == why


def test_the_tolerance_is_the_channels_own():
    strict = verifier("standard-webhooks", SECRET, 2 * NS_PER_S)
    assert strict(EXAMPLE, BODY, NOW_S + 2).rejection is None
    assert strict(EXAMPLE, BODY, NOW_S + 3).rejection == "stale"


def test_what_is_old_and_badly_signed_is_badly_signed():
    headers = EXAMPLE | {"webhook-id": "msg_other"}
    assert STANDARD(headers, BODY, NOW_S + 9_999).rejection == "bad-signature"


@pytest.mark.parametrize(
    "signatures",
    [
        f"v1a,hnO3f9T8Ytu9 {GOOD}", f"{GOOD} v1a,hnO3f9T8Ytu9", f"v1,AAAA {GOOD}", f"v9 {GOOD}",
        f"{GOOD}  v1,AAAA", f"v1,AAAA,BBBB {GOOD}",
    ],
)  # fmt: skip
def test_one_good_signature_of_a_list_is_enough(signatures):
    assert STANDARD(EXAMPLE | {"webhook-signature": signatures}, BODY, NOW_S).rejection is None


def test_while_secrets_change_the_old_and_the_new_one_are_good():
    both = verifier("standard-webhooks", f"{OTHER_SECRET} {SECRET}")
    for secret in (SECRET, OTHER_SECRET):
        headers = standard_headers(BODY, secret=secret, at_s=NOW_S)
        assert both(headers, BODY, NOW_S) == ("msg_1", None)


def test_headers_named_as_svix_does_are_read_where_the_standards_are_not_whole():
    svix = renamed(EXAMPLE, "svix")
    assert STANDARD(svix, BODY, NOW_S) == (EXAMPLE["webhook-id"], None)
    assert STANDARD(svix | {"webhook-id": "msg_other"}, BODY, NOW_S).rejection is None
    assert STANDARD({"svix-id": "m", "svix-timestamp": "1"}, BODY, NOW_S) == ("m", "missing-header")


def test_a_body_need_not_be_text():
    body = bytes(range(256))
    key = verifier("standard-webhooks", "whsec_AAAA")
    content = f"{EXAMPLE['webhook-id']}.{NOW_S}.".encode() + body
    signature = hmac.new(b"\0\0\0", content, "sha256")
    text = "v1," + base64.b64encode(signature.digest()).decode()
    assert key(EXAMPLE | {"webhook-signature": text}, body, NOW_S).rejection is None


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_"), SECRET + "=="])
def test_a_secret_is_read_as_senders_show_it(secret):
    assert verifier("standard-webhooks", secret)(EXAMPLE, BODY, NOW_S).rejection is None


@pytest.mark.parametrize(
    ("secrets", "said"),
    [
        ("whpk_vlJsYPpQPKzLHkP3CNBhRbEyNEVpRTn9", "secret 1 .* begins with whpk_: .*ed25519"),
        (SECRET + " whsk_vlJsYPpQPKzLHkP3CNBhRbE", "secret 2 .* begins with whsk_"),
        ("hunter2hunter2!", "secret 1 .* is not whsec_ and base64"),
        ("whsec_", "secret 1 .* is not whsec_ and base64"),
        ("whsec_===", "secret 1 .* is not whsec_ and base64"),
        ("whsec_ABCDé", "secret 1 .* is not whsec_ and base64"),
        (" ", "has no secret"),
    ],
)
def test_a_secret_of_another_kind_is_told_with_the_remedy_and_not_shown(secrets, said):
    with pytest.raises(SecretError, match=said) as refused:
        verifier("standard-webhooks", secrets)
    shown = f"{refused.value} {refused.value.hint} {refused.value!r}"
    assert refused.value.hint
    for word in secrets.split():
        assert word.removeprefix("whsec_") not in shown or word == "whsec_"
        assert refused.value.__cause__ is None


# --- Stripe ---------------------------------------------------------------------------------

EVENT = b'{"id": "evt_1", "object": "event"}'
STRIPE = verifier("stripe", SECRET)


def stripe(**changed: str) -> dict[str, str]:
    return stripe_headers(EVENT, at_s=NOW_S) | changed


def test_stripes_events_are_genuine_and_their_id_is_in_the_body():
    assert STRIPE(stripe(), EVENT, NOW_S) == ("evt_1", None)
    other = stripe_headers(EVENT, secret="another", at_s=NOW_S)["stripe-signature"]
    (good,) = stripe().values()
    listed = f"{other},{good.split(',')[1]},v0=6ffbb59b2300aae63f272406069a9788598b792a"
    assert STRIPE({"stripe-signature": listed}, EVENT, NOW_S) == ("evt_1", None)
    assert verifier("stripe", f"another {SECRET}")(stripe(), EVENT, NOW_S).rejection is None


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ("", "missing-header"), ("t=1", "malformed"), ("v1=abc", "malformed"),
        ("t=now,v1=abc", "malformed"), ("nonsense", "malformed"),
        (f"t={NOW_S},v1=abc", "bad-signature"), (f"t={NOW_S},v0=abc", "bad-signature"),
        (f"t={NOW_S},v1=é", "bad-signature"),
    ],
)  # fmt: skip
def test_what_stripe_did_not_sign_is_rejected_and_says_why(header, why):
    assert STRIPE({"stripe-signature": header}, EVENT, NOW_S) == ("evt_1", why)


@pytest.mark.parametrize("body", [b"[]", b'{"id": 7}', b"{}", b"<xml/>", b"[" * 100_000])
def test_an_event_without_id_is_known_by_its_body(body):
    first = STRIPE(stripe_headers(body, at_s=NOW_S), body, NOW_S)
    second = STRIPE(stripe_headers(body, at_s=NOW_S + 1), body, NOW_S)
    assert (first.rejection, second.rejection) == (None, None)
    assert first.message_id == second.message_id
    assert first.message_id.startswith("body-")


# --- GitHub ---------------------------------------------------------------------------------


def test_githubs_published_example_is_genuine():
    """The secret of the example has spaces, which separate secrets in a plan."""
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    headers = {"x-hub-signature-256": signature, "x-github-delivery": "72d3162e"}
    verify = _github([b"It's a Secret to Everybody"])
    assert verify(headers, b"Hello, World!", NOW_S) == ("72d3162e", None)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({}, None), ({"x-hub-signature-256": ""}, "missing-header"),
        ({"x-hub-signature-256": "sha1=abc"}, "malformed"),
        ({"x-hub-signature-256": "sha256="}, "malformed"),
        ({"x-hub-signature-256": "sha256=abc"}, "bad-signature"),
        ({"x-hub-signature-256": "sha256=é"}, "bad-signature"),
    ],
)  # fmt: skip
def test_githubs_deliveries_are_genuine_or_say_why_not(changed, why):
    verify = verifier("github", SECRET)
    assert verify(github_headers(BODY) | changed, BODY, NOW_S) == ("7", why)


def test_a_delivery_without_github_id_is_known_by_its_body():
    verify = verifier("github", SECRET)
    headers = github_headers(BODY) | {"x-github-delivery": ""}
    assert verify(headers, BODY, NOW_S).message_id.startswith("body-")


# --- no signature ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "message_id"),
    [
        ({"webhook-id": "a", "x-request-id": "b"}, "a"),
        ({"webhook-id": "", "svix-id": "b"}, "b"),
        ({"x-github-delivery": "c", "idempotency-key": "d"}, "c"),
        ({"idempotency-key": "d", "x-request-id": "e"}, "d"),
        ({"x-request-id": "e"}, "e"),
    ],
)
def test_unsigned_deliveries_are_known_by_the_surest_header(headers, message_id):
    assert verifier("none")(headers, b"", NOW_S) == (message_id, None)


def test_without_any_header_an_unsigned_delivery_is_known_by_its_body():
    verify = verifier("none")
    assert verify({}, b"one", 0).message_id == verify({}, b"one", 1).message_id
    assert verify({}, b"one", 0).message_id != verify({}, b"two", 0).message_id
