"""Secrets and signatures of Standard Webhooks, version 1. Pure but for the randomness of secrets.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
(`v1` is HMAC-SHA256 over `{id}.{timestamp}.{body}`; a secret is 24 to 64 bytes, in base64 after
`whsec_`).
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error
from hashlib import sha256
from secrets import token_bytes
from typing import Final

PREFIX: Final = "whsec_"
SHORTEST_BYTES: Final = 24
LONGEST_BYTES: Final = 64
_GENERATED_BYTES: Final = 32  # as long as the hash: more adds nothing


def new_secret() -> str:
    """A fresh secret, as it is told to the receiver once."""
    return PREFIX + b64encode(token_bytes(_GENERATED_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for.

    Raises:
        ValueError: it is none; the message says what is expected, and never quotes it.
    """
    encoded = secret.removeprefix(PREFIX)
    try:
        key = b64decode(encoded, validate=True)
    except (Error, ValueError):
        key = b""
    if encoded == secret or not SHORTEST_BYTES <= len(key) <= LONGEST_BYTES:
        raise ValueError(
            f"must be {PREFIX} and base64 of {SHORTEST_BYTES} to {LONGEST_BYTES} bytes"
        )
    return key


def wrong_key(key: bytes) -> bytes:
    """Another key, the same for the same one: what a sender signs with that has mixed them up."""
    return sha256(b"not the key of this endpoint: " + key).digest()


def signature(key: bytes, message_id: str, timestamp_s: int, body: bytes) -> str:
    """The value of the header `webhook-signature`; `timestamp_s` is Unix time."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp_s, body)
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
