"""Known secrets are found in a text however they are written there, and nothing else is."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wedload.plan.secrets.vault import MASK
from wedload.safety.redactor import MOST_TOKENS, Redactor

SECRET = 'can4ry/7f+3a="<quo\'ted>" & schlüssel \\ end'
PLAIN = "canary-7f3a9-plain"

ENCODED = {
    "plain": str,
    "trimmed": str.strip,
    "upper case": str.upper,
    "percent, all": lambda s: quote(s, safe=""),
    "percent, lower case": lambda s: quote(s, safe="").replace("%C3%BC", "%c3%bc").lower(),
    "percent, every byte": lambda s: "".join(f"%{b:02x}" for b in s.encode()),
    "percent, some": lambda s: quote(s, safe="/+=&'()*!~"),
    "percent, twice": lambda s: quote(quote(s, safe=""), safe=""),
    "form": quote_plus,
    "json": json.dumps,
    "json, unicode": lambda s: json.dumps(s, ensure_ascii=False),
    "json with escaped slashes": lambda s: json.dumps(s).replace("/", "\\/"),
    "json in json": lambda s: json.dumps(json.dumps(s)),
    "html": html.escape,
    "html, decimal": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "html, hexadecimal": lambda s: "".join(f"&#x{ord(c):X};" for c in s),
    "xml": escape,
    "xml attribute": quoteattr,
    "repr": repr,
    "repr of bytes": lambda s: repr(s.encode()),
    "ascii": ascii,
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 without padding": lambda s: base64.b64encode(s.encode()).decode().rstrip("="),
    "base64url": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "base64 in a URL": lambda s: quote(base64.b64encode(s.encode()).decode(), safe=""),
    "hex": lambda s: s.encode().hex(),
    "hex, upper case": lambda s: s.encode().hex().upper(),
}


@pytest.mark.parametrize("encode", ENCODED.values(), ids=ENCODED)
@pytest.mark.parametrize("secret", [SECRET, PLAIN, f" {PLAIN}\n"])
def test_secret_is_masked_however_it_is_written(secret, encode):
    text = f"step: 'http://a/?k={encode(secret)}' is wrong"

    shown = Redactor([secret])(text)

    assert shown.startswith("step: 'http://a/?k=")
    assert shown.endswith("' is wrong")
    assert MASK in shown
    assert encode(secret.strip())[4:-4] not in shown


@pytest.mark.parametrize("before", ["", "u", "us", "user:", "another user:"])
@pytest.mark.parametrize("behind", ["", ":", ":realm", "!!"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_secret_is_masked_inside_of_a_longer_base64(before, behind, encode):
    secret = "s3cret?>~ÿ-of-many-bytes"
    whole = encode(f"{before}{secret}{behind}".encode()).decode()

    shown = Redactor([secret])(f"sent X: {whole}")

    assert MASK in shown
    left = shown.removeprefix("sent X: ").replace(MASK, "")
    assert len(left) <= len(whole) - 4 * len(secret.encode()) // 3 + 2


@given(st.text(min_size=6, max_size=40).filter(lambda s: len(s.strip()) >= 6), st.data())
def test_any_secret_is_masked_in_any_encoding(secret, data):
    encode = data.draw(st.sampled_from([ENCODED[name] for name in (
        "plain", "percent, all", "percent, every byte", "form", "json", "json, unicode", "html",
        "html, decimal", "repr", "hex",
    )]))  # fmt: skip
    if any(0xD800 <= ord(one) < 0xE000 for one in secret):
        return
    assert encode(secret) not in Redactor([secret])(f"a '{encode(secret)}' b")


def test_longest_of_several_secrets_is_masked():
    assert Redactor(["hunter22", "hunter22-and-more"])("hunter22-and-more, hunter22") == (
        f"{MASK}, {MASK}"
    )


def test_beginning_of_a_secret_is_masked_where_a_text_says_that_it_was_cut():
    redact = Redactor([PLAIN])

    for kept in range(6, len(PLAIN)):
        assert redact(f"found '{PLAIN[:kept]}…'") == f"found '{MASK}…'"
        assert redact(f"found '{PLAIN[:kept]}...'") == f"found '{MASK}...'"
    assert redact("canary-yellow… and canary") == "canary-yellow… and canary"


def test_cut_encoding_of_a_secret_is_masked():
    encoded = base64.b64encode(f"user:{PLAIN}".encode()).decode()

    assert PLAIN[:4].encode().hex() not in Redactor([PLAIN])(f"{PLAIN.encode().hex()[:20]}…")
    assert encoded[10:20] not in Redactor([PLAIN])(f"{encoded[:22]}…")


@pytest.mark.parametrize("secret", ["", " ", "2", "abc", " ab\n"])
def test_values_that_are_too_short_for_a_secret_black_out_nothing(secret):
    text = "status 200 for ab in abc, 2 times"
    assert Redactor([secret])(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/forms/f-17?page=2&size=%20: status 503",
        "50% of &c; are \\done\\ in C:\\new\\table",
        "connecting to http://127.0.0.1:8080",
        "basic checks: bearer of news; a basic authentication scheme",
        "mail user@example.com, see http://a.example/@user",
        "%zz %4 &#; &#x110000; \\ud800 \\U00110000 \\x4",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert Redactor([PLAIN, SECRET])(text) == text
    assert Redactor()(text) == text


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjb3VwbGUifQ.c2lnbmF0dXJlLW9mLWl0"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"sent {JWT} there", f"sent {MASK} there"),
        (f"sent {JWT[:30]}…", f"sent {MASK}…"),
        ("Authorization: Bearer tok3n-of-someone", f"Authorization: Bearer {MASK}"),
        ("'authorization': 'basic dXNlcjpodW50ZXIy'", f"'authorization': 'basic {MASK}'"),
        ("http://user:hunter2@h/x", f"http://{MASK}@h/x"),
        ("key sk_" + "live_4eC39HqLyjWDarjt", f"key {MASK}"),
        ("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----!", f"{MASK}!"),
    ],
)
def test_what_looks_like_a_credential_is_masked_whoever_knows_it(text, shown):
    assert Redactor()(text) == shown


def test_tokens_are_forgotten_when_many_others_came_and_secrets_never():
    redact = Redactor([PLAIN])
    for number in range(MOST_TOKENS + 100):
        redact.learn_token(f"token-number-{number}-end")
    redact.learn_token(PLAIN)

    assert redact(f"{PLAIN} token-number-1999-end") == f"{MASK} {MASK}"
    assert redact("token-number-3-end") == "token-number-3-end"
    for number in range(MOST_TOKENS + 1):
        redact.learn_token(f"other-number-{number}-end")
    assert redact(f"{PLAIN} other-number-9-end") == f"{MASK} {MASK}"
    assert redact("token-number-1999-end") == "token-number-1999-end"


def test_every_text_inside_of_a_value_is_redacted():
    value = {"a": [PLAIN, 1, None, {"b": f"x {PLAIN}"}], f"key {PLAIN}": (True, 1.5)}

    assert Redactor([PLAIN]).inside(value) == {
        "a": [MASK, 1, None, {"b": f"x {MASK}"}], f"key {MASK}": [True, 1.5],
    }  # fmt: skip


def test_redactor_that_forgot_knows_nothing():
    redact = Redactor([PLAIN])
    redact.forget()

    assert redact(PLAIN) == PLAIN


@pytest.mark.parametrize(
    ("secrets", "text", "redacted"),
    [
        (["hunter22"], "key 'hunter22' refused", f"key '{MASK}' refused"),
        (["a/b c+d"], "GET /?k=a%2Fb%20c%2Bd", f"GET /?k={MASK}"),
        (["a/b c+d"], "GET /?k=a%2fb%20c%2bd", f"GET /?k={MASK}"),
        (["line\nbreak"], r"invalid: 'line\nbreak'", f"invalid: '{MASK}'"),
        (["token", "token-and-more"], "token-and-more, token", f"{MASK}, {MASK}"),
        (["  spaced  "], "'spaced'", f"'{MASK}'"),
        (["", "1", "abc", "    "], "abc 1    2", "abc 1    2"),  # too short to be secrets
        ([], "nothing", "nothing"),
        ([".*+?("], "a .*+?( b axxb", f"a {MASK} b axxb"),
    ],
)
def test_secrets_are_masked_in_every_spelling(secrets, text, redacted):
    assert Redactor(secrets)(text) == redacted


@given(
    st.lists(st.text(min_size=0, max_size=12), max_size=4),
    st.lists(st.text(max_size=5), min_size=1, max_size=5),
)
def test_no_secret_of_four_characters_survives(secrets, pieces):
    assume(not any(secret.casefold() in MASK.casefold() for secret in secrets))
    text = "".join(piece + secret for piece in pieces for secret in [*secrets, ""])

    redacted = Redactor(secrets)(text)

    # what is left may only come together from the pieces around a mask
    for part in redacted.split(MASK):
        assert not any(secret in part for secret in secrets if len(secret.strip()) >= 4)
