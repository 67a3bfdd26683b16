"""Signatures of deliveries: whether one is genuine, and if not, why. Pure.

One `Verify` for each scheme, made once from the secrets; it never says or keeps more of them than
the keys that they are. All signatures are HMAC-SHA256, compared in constant time. A signature is
checked before its age, so that "stale" means: genuine, but old.

Sources: the specification of Standard Webhooks 1.0.0; Svix' libraries, which read `svix-*` headers
where there are no `webhook-*`; stripe-python's `WebhookSignature`; GitHub's "Validating webhook
deliveries". Stricter than PyPI `standardwebhooks`: a timestamp is digits only, a signature is
base64 as one writes it, not as lenient decoders read it. More lenient: a body need not be UTF-8,
and entries of a list that cannot be read are passed over, wherever they stand.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

import orjson

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.plan.channels import Scheme

Rejection = Literal["missing-header", "malformed", "bad-signature", "stale", "future"]


class Verdict(NamedTuple):
    """What a delivery shows of itself."""

    message_id: str  # the same for all attempts; empty: it says none
    rejection: Rejection | None = None  # None: it is genuine


#: asks (headers by lower-case name, as latin-1; raw body; Unix time, s)
Verify = Callable[[Mapping[str, str], bytes, float], Verdict]


class SecretError(ValueError):
    """Secrets that are no keys of a scheme; says which and why, never what they are."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def verifier(scheme: Scheme, secrets: str = "", tolerance_ns: int = 300 * NS_PER_S) -> Verify:
    """A function that verifies deliveries; `secrets`: one or several, with spaces between.

    Raises:
        SecretError: there is none, or one is of another kind.
    """
    if scheme == "none":
        return _unsigned
    words = secrets.split()
    if not words:
        raise SecretError(
            "its signature has no secret", "give the one that the sender signs with, or scheme none"
        )
    tolerance_s = tolerance_ns / NS_PER_S
    if scheme == "standard-webhooks":
        keys = [_standard_key(word, number) for number, word in enumerate(words, 1)]
        return _standard(keys, tolerance_s)
    texts = [word.encode() for word in words]
    return _stripe(texts, tolerance_s) if scheme == "stripe" else _github(texts)


# --- Standard Webhooks ----------------------------------------------------------------------

_PREFIX: Final = "whsec_"
_ASYMMETRIC: Final = ("whpk_", "whsk_")
_FAMILIES: Final = tuple(
    (f"{one}-id", f"{one}-timestamp", f"{one}-signature") for one in ("webhook", "svix")
)


def _standard_key(secret: str, number: int) -> bytes:
    """The bytes of a secret; without its prefix, as some senders show it, it is the same."""
    if secret.startswith(_ASYMMETRIC):
        raise SecretError(
            f"secret {number} of its signature begins with {secret[:5]}: a key of ed25519 (v1a)",
            "this version verifies HMAC-SHA256 (v1): let the sender sign with a whsec_ secret",
        )
    try:
        text = secret.removeprefix(_PREFIX).rstrip("=")
        key = b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise SecretError(
            f"secret {number} of its signature is not {_PREFIX} and base64",
            "copy it as the sender shows it; several stand in one text, with spaces between them",
        )
    return key


def _standard(keys: Sequence[bytes], tolerance_s: float) -> Verify:
    def verify(headers: Mapping[str, str], body: bytes, now_s: float) -> Verdict:
        message_id, stamp, signatures = _standard_headers(headers)
        if not (message_id and stamp and signatures):
            return Verdict(message_id, "missing-header")
        sent_s = _instant(stamp)
        entries = [entry.partition(",") for entry in signatures.split()]
        if sent_s is None or not any(version and value for version, _, value in entries):
            return Verdict(message_id, "malformed")
        content = f"{message_id}.{stamp}.".encode("latin-1", "replace") + body
        expected = [b64encode(hmac.digest(key, content, "sha256")) for key in keys]
        given = [value for version, _, value in entries if version == "v1"]
        if not _any_equal(expected, given):
            return Verdict(message_id, "bad-signature")
        return Verdict(message_id, _out_of_time(sent_s, now_s, tolerance_s))

    return verify


def _standard_headers(headers: Mapping[str, str]) -> tuple[str, str, str]:
    """Id, timestamp and signatures: of the first family that is whole, or else of the standard."""
    for of_id, of_stamp, of_signatures in _FAMILIES:
        message_id, stamp = headers.get(of_id, ""), headers.get(of_stamp, "")
        signatures = headers.get(of_signatures, "")
        if message_id and stamp and signatures:
            return message_id, stamp, signatures
    return headers.get("webhook-id") or headers.get("svix-id", ""), "", ""


# --- Stripe ---------------------------------------------------------------------------------


def _stripe(secrets: Sequence[bytes], tolerance_s: float) -> Verify:
    def verify(headers: Mapping[str, str], body: bytes, now_s: float) -> Verdict:
        header = headers.get("stripe-signature", "")
        message_id = _json_id(body) or _digest(body)
        if not header:
            return Verdict(message_id, "missing-header")
        items = [item.strip().partition("=") for item in header.split(",")]
        stamp = next((value for name, _, value in items if name == "t"), "")
        sent_s = _instant(stamp)
        if sent_s is None or not any(value for name, _, value in items if name != "t"):
            return Verdict(message_id, "malformed")
        content = f"{stamp}.".encode() + body
        given = [value for name, _, value in items if name == "v1"]
        if not _any_equal(_hex(secrets, content), given):
            return Verdict(message_id, "bad-signature")
        return Verdict(message_id, _out_of_time(sent_s, now_s, tolerance_s))

    return verify


def _json_id(body: bytes) -> str:
    """The id that an event has in its body; empty: none."""
    try:
        event = orjson.loads(body)
    except ValueError:
        return ""
    found = event.get("id") if isinstance(event, dict) else None
    return found if isinstance(found, str) else ""


# --- GitHub, and no signature ---------------------------------------------------------------


def _github(secrets: Sequence[bytes]) -> Verify:
    """The time is not signed: a replay is told by its id only."""

    def verify(headers: Mapping[str, str], body: bytes, _: float) -> Verdict:
        message_id = headers.get("x-github-delivery", "") or _digest(body)
        header = headers.get("x-hub-signature-256", "")
        if not header:
            return Verdict(message_id, "missing-header")
        algorithm, _equals, given = header.partition("=")
        if algorithm != "sha256" or not given:
            return Verdict(message_id, "malformed")
        if not _any_equal(_hex(secrets, body), [given]):
            return Verdict(message_id, "bad-signature")
        return Verdict(message_id)

    return verify


#: where senders that do not sign say what a message is, the surest first; some give each attempt
#: its own request id, so that it comes last
_ID_HEADERS: Final = (
    "webhook-id", "svix-id", "x-github-delivery", "idempotency-key", "x-request-id",
)  # fmt: skip


def _unsigned(headers: Mapping[str, str], body: bytes, _: float) -> Verdict:
    found = next((headers[name] for name in _ID_HEADERS if headers.get(name)), "")
    return Verdict(found or _digest(body))


# --- of all ---------------------------------------------------------------------------------

_MOST_DIGITS: Final = 18  # of a timestamp; more is no time


def _instant(text: str) -> int | None:
    """Unix time, s, of a timestamp; None: it is none."""
    if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
        return int(text)
    return None


def _out_of_time(sent_s: int, now_s: float, tolerance_s: float) -> Rejection | None:
    if sent_s < now_s - tolerance_s:
        return "stale"
    return "future" if sent_s > now_s + tolerance_s else None


def _hex(secrets: Sequence[bytes], content: bytes) -> list[bytes]:
    return [hmac.digest(secret, content, "sha256").hex().encode() for secret in secrets]


def _any_equal(expected: Sequence[bytes], given: Sequence[str]) -> bool:
    """Whether one is among the others; takes no less time for those that begin alike."""
    equal = False
    for text in given:
        signature = text.encode("latin-1", "replace")
        for one in expected:
            equal |= hmac.compare_digest(one, signature)
    return equal


def _digest(body: bytes) -> str:
    """What stands for the id of a message that has none: attempts of it have the same body."""
    return f"body-{blake2b(body, digest_size=12).hexdigest()}"
