"""Our verifier beside PyPI `standardwebhooks`, over deliveries that are tampered with in every way.

Both accept or both reject. Where ours is meant to differ, a test says so: it takes a timestamp only
as digits and signs it as it is written, takes base64 only as one writes it, passes over entries
that it cannot read instead of giving up, and does not care whether a body is UTF-8.
"""

from __future__ import annotations

import base64
import hmac
import time

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from tests.helpers.signed import OTHER_SECRET, SECRET
from wedload.channels.webhook.signatures import verifier

MANY = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
OURS = verifier("standard-webhooks", SECRET)
KEYS = {one: base64.b64decode(one.removeprefix("whsec_")) for one in (SECRET, OTHER_SECRET)}

#: what a header can hold, without spaces around
VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x24F, exclude_characters="\x7f")
WORDS = st.text(VISIBLE, min_size=1, max_size=12)
#: s from now; not at the edges of the tolerance, which pass while a test runs
AGES = st.one_of(
    st.integers(-290, 290), st.sampled_from([-10_000, -310, 310, 10_000, -(10**9), 10**17])
)
OF_BASE64 = "ABCDabcd0189+/="


def accepted_by_library(headers: dict[str, str], body: str, secret: str = SECRET) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: entries it cannot read
        return False
    return True


def accepted_by_us(headers: dict[str, str], body: bytes, verify=OURS) -> bool:
    """Of the same headers as a receiver reads them: bytes, taken for latin-1."""
    read = {name: value.encode().decode("latin-1") for name, value in headers.items()}
    return verify(read, body, time.time()).rejection is None


def signature(message_id: str, stamp: str, body: bytes, secret: str = SECRET) -> str:
    content = f"{message_id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.digest(KEYS[secret], content, "sha256")).decode()


def readable(entry: str) -> bool:
    """Whether both sides read an entry of the list alike."""
    version, comma, value = entry.partition(",")
    if not comma or "," in value:
        return False
    if version != "v1":
        return True
    try:
        return base64.b64encode(base64.b64decode(value)).decode() == value
    except ValueError:
        return False


@st.composite
def tampered_texts(draw, text: str, alphabet: str) -> str:
    """A text with a character changed, dropped or added."""
    at = draw(st.integers(0, max(len(text) - 1, 0)))
    added = draw(st.sampled_from(["", *alphabet]))
    return text[:at] + added + text[at + draw(st.integers(0, 1)) :]


@st.composite
def entries(draw, good: str, other: str) -> str:
    """The list of signatures: the good one or not, alone or among others."""
    choices = [
        st.just(f"v1,{good}"), st.just(f"v1,{other}"), st.just(f"v1a,{good}"),
        st.just(f"v2,{good}"), st.just("v1,"), st.just("v1"), st.just(good), st.just(""),
        st.just(f"v1,{good.swapcase()}"), st.just(f"v1,{good},x"), st.just(f"V1,{good}"),
        tampered_texts(good, OF_BASE64).map("v1,{}".format), WORDS, WORDS.map("v1,{}".format),
    ]  # fmt: skip
    return " ".join(draw(st.lists(st.one_of(choices), min_size=1, max_size=4)))


@st.composite
def deliveries(draw) -> tuple[dict[str, str], str]:
    """Headers and body of a delivery that was signed well, and then perhaps tampered with."""
    message_id, body = draw(WORDS), draw(st.text(max_size=40))
    stamp = str(max(int(time.time()) + draw(AGES), 0))
    good = signature(message_id, stamp, body.encode())
    other = signature(message_id, stamp, body.encode(), OTHER_SECRET)
    headers = {
        "webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{good}",
    }  # fmt: skip
    for what in draw(st.sets(st.sampled_from(["id", "timestamp", "signature", "body", "none"]))):
        match what:
            case "id":
                headers["webhook-id"] = draw(st.one_of(WORDS, st.just("")))
            case "timestamp":
                headers["webhook-timestamp"] = draw(
                    st.one_of(
                        st.sampled_from(
                            ["", "now", "nan", "-1", "0", "9" * 18, str(int(stamp) + 1)]
                        ),
                        tampered_texts(stamp, "0189.- _e"),
                    )
                )
            case "signature":
                headers["webhook-signature"] = draw(entries(good, other))
            case "body":
                body = draw(st.one_of(st.text(max_size=40), tampered_texts(body, "ab0 é")))
            case "none":
                del headers[draw(st.sampled_from(sorted(headers)))]
                break
    return headers, body


@MANY
@given(deliveries())
def test_both_accept_or_both_reject(delivery):
    headers, body = delivery
    stamp = headers.get("webhook-timestamp", "")
    ours = accepted_by_us(headers, body.encode())
    if stamp and not (stamp.isascii() and stamp.isdigit() and str(int(stamp)) == stamp):
        assert not ours
        return
    listed = headers.get("webhook-signature", "").split(" ")
    if "webhook-signature" in headers:
        headers["webhook-signature"] = " ".join(filter(readable, listed))
    assert ours is accepted_by_library(headers, body)


@st.composite
def listed(draw) -> dict[str, str]:
    """A delivery of which only the list of signatures may be another."""
    stamp = str(int(time.time()))
    good, other = (signature("m", stamp, b"{}", secret) for secret in (SECRET, OTHER_SECRET))
    return {
        "webhook-id": "m", "webhook-timestamp": stamp,
        "webhook-signature": draw(entries(good, other)),
    }  # fmt: skip


@MANY
@given(listed())
def test_both_find_a_good_signature_in_a_list_or_neither_does(headers):
    ours = accepted_by_us(headers, b"{}")
    entries = filter(readable, headers["webhook-signature"].split(" "))
    headers["webhook-signature"] = " ".join(entries)
    assert ours is accepted_by_library(headers, "{}")


@MANY
@given(WORDS, st.text(max_size=40), st.integers(-290, 290))
def test_what_the_library_signs_is_genuine_for_both(message_id, body, age_s):
    stamp = str(int(time.time()) + age_s)
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature(message_id, stamp, body.encode())}",
    }
    assert accepted_by_library(headers, body)
    assert accepted_by_us(headers, body.encode())


@MANY
@given(st.lists(st.sampled_from([SECRET, OTHER_SECRET]), min_size=1, max_size=3), st.text())
def test_several_secrets_accept_what_any_of_them_does(secrets, body):
    stamp = str(int(time.time()))
    headers = {
        "webhook-id": "m", "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature('m', stamp, body.encode())}",
    }  # fmt: skip
    ours = accepted_by_us(headers, body.encode(), verifier("standard-webhooks", " ".join(secrets)))
    assert ours is any(accepted_by_library(headers, body, one) for one in secrets)


@MANY
@given(st.binary(max_size=60))
def test_a_body_that_is_no_text_is_verified_as_it_is(body):
    stamp = str(int(time.time()))
    headers = {
        "webhook-id": "m", "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{signature('m', stamp, body)}",
    }  # fmt: skip
    assert accepted_by_us(headers, body)
    assert not accepted_by_us(headers, body + b"\0")


@MANY
@given(st.text(VISIBLE, max_size=20))
def test_base64_that_only_lenient_decoders_read_is_no_signature(noise):
    stamp = str(int(time.time()))
    good = signature("m", stamp, b"{}")
    headers = {"webhook-id": "m", "webhook-timestamp": stamp}
    assume(noise)
    assert not accepted_by_us(headers | {"webhook-signature": f"v1,{noise}{good}"}, b"{}")
    assert not accepted_by_us(headers | {"webhook-signature": f"v1,{good}{noise}"}, b"{}")


@MANY
@given(
    st.sampled_from(["standard-webhooks", "stripe", "github", "none"]),
    st.dictionaries(
        st.sampled_from([
            "webhook-id", "webhook-timestamp", "webhook-signature", "svix-id", "svix-timestamp",
            "svix-signature", "stripe-signature", "x-hub-signature-256", "x-github-delivery",
        ]),
        st.binary(max_size=30).map(lambda raw: raw.decode("latin-1")),
    ),
    st.binary(max_size=30),
)  # fmt: skip
def test_anything_gets_a_verdict_and_nothing_unsigned_is_genuine(scheme, headers, body):
    verdict = verifier(scheme, SECRET)(headers, body, time.time())
    assert (verdict.rejection is None) is (scheme == "none")
