"""Resend as far as sending needs it. Pure.

A request with an `Idempotency-Key` that was carried out before is answered as it was then; with
another body, or while the first has not been answered yet, it is refused with 409.

Sources: https://resend.com/docs/api-reference (emails, errors, rate limit),
https://resend.com/docs/dashboard/emails/idempotency-keys.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.simulators.email.addresses import is_address
from wedload.simulators.remembered import Remembered
from wedload.simulators.service import (
    OTHER,
    Call,
    Headers,
    QuotaScope,
    Reply,
    json_reply,
    whole_seconds,
)
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    import random

    from wedload.simulators.attempt import AttemptOutcome
    from wedload.simulators.quota import Allowance
    from wedload.simulators.request import Request

_MOST_RECIPIENTS: Final = 50
_MOST_IN_BATCH: Final = 100
_LONGEST_KEY: Final = 256
_NEEDED: Final = ("from", "to", "subject")
#: what an e-mail is made of, one of them at least
_CONTENTS: Final = ("html", "text", "react", "template")


def _error(status: int, name: str, message: str, outcome: AttemptOutcome = "wrong") -> Reply:
    content = {"statusCode": status, "name": name, "message": message}
    return json_reply(status, content, outcome=outcome)


@dataclass(frozen=True, slots=True)
class _Answered:
    """What a key was answered with."""

    digest: bytes  # of the request
    body: bytes
    at_ns: int  # when the client has the answer


@dataclass(slots=True)
class Resend:
    """One team's account."""

    emails: Remembered[dict[str, Any]] = field(default_factory=Remembered)
    keys: Remembered[_Answered] = field(default_factory=Remembered)
    epoch_ns: int = 0  # Unix time of the clock's instant 0
    tells_retry_after: bool = True
    quota_status: int = 429

    def call(self, request: Request) -> Call:
        """Which endpoint it is."""
        match request.method, request.segments:
            case "POST", ("emails",):
                name = "POST /emails"
            case "POST", ("emails", "batch"):
                name = "POST /emails/batch"
            case "GET", ("emails", _):
                name = "GET /emails/{id}"
            case _:
                name = OTHER
        return Call(request, name, known=name != OTHER, reads=request.method == "GET")

    def answer(self, call: Call, now_ns: int, ready_ns: int, rng: random.Random) -> Reply:
        """See `wedload.simulators.service.Service`."""
        request = call.request
        if not request.bearer:
            return _error(401, "missing_api_key", "Missing API key in the authorization header.")
        match call.endpoint:
            case "POST /emails" | "POST /emails/batch":
                return self._send_once(call, now_ns, ready_ns, rng)
            case "GET /emails/{id}":
                found = self.emails.get(request.segments[1])
                if found is None:
                    return _error(404, "not_found", "Email not found")
                return json_reply(200, found, done=True)
            case _:
                return _error(404, "not_found", "The requested endpoint does not exist.")

    def over_quota(self, scope: QuotaScope, status: int) -> Reply:  # noqa: ARG002 - the port's signature
        """See `wedload.simulators.service.Service`."""
        message = "Too many requests. Please limit the number of requests per second."
        return _error(status, "rate_limit_exceeded", message, "quota")

    def failed(self, status: int) -> Reply:
        """See `wedload.simulators.service.Service`."""
        message = "We had an unexpected error. Please try again later."
        return _error(status, "application_error", message, "error")

    def quota_headers(self, allowance: Allowance, now_ns: int) -> Headers:
        """The three of the IETF's draft; `reset` in seconds, until one more is let through."""
        return (
            ("ratelimit-limit", str(allowance.limit)),
            ("ratelimit-remaining", str(allowance.remaining)),
            ("ratelimit-reset", str(max(0, whole_seconds(allowance.next_ns - now_ns)))),
        )

    def counts(self) -> dict[str, int]:
        """See `wedload.simulators.service.Service`."""
        return {
            "emails": len(self.emails),
            "emails_forgotten": self.emails.forgotten,
            "keys": len(self.keys),
            "keys_forgotten": self.keys.forgotten,
        }

    # --- sending ----------------------------------------------------------------------------

    def _send_once(self, call: Call, now_ns: int, ready_ns: int, rng: random.Random) -> Reply:
        request = call.request
        key = request.headers.get("idempotency-key")
        if key is None:
            return self._send(call, now_ns, rng)
        if not 0 < len(key) <= _LONGEST_KEY:
            message = "The key must be between 1-256 chars."
            return _error(400, "invalid_idempotency_key", message)
        kept_as = f"{call.endpoint} {key}"
        digest = blake2b(_canonical(request), digest_size=16).digest()
        before = self.keys.get(kept_as)
        if before is None:
            reply = self._send(call, now_ns, rng)
            if reply.done:
                self.keys.keep(kept_as, _Answered(digest, reply.body, ready_ns))
            return reply
        if before.digest != digest:
            message = "Same idempotency key used with a different request payload."
            return _error(409, "invalid_idempotent_request", message)
        if now_ns < before.at_ns:
            message = "Same idempotency key used while original request is still in progress."
            return _error(409, "concurrent_idempotent_requests", message)
        return json_reply(200, orjson.Fragment(before.body))

    def _send(self, call: Call, now_ns: int, rng: random.Random) -> Reply:
        try:
            asked = call.request.json
        except ValueError:
            return _error(400, "validation_error", "The request body is not valid JSON.")
        if call.endpoint == "POST /emails":
            wrong = _wrong(asked)
            return wrong or json_reply(200, {"id": self._keep(asked, now_ns, rng)}, done=True)
        if not isinstance(asked, list) or not 0 < len(asked) <= _MOST_IN_BATCH:
            message = f"A batch is a list of 1 to {_MOST_IN_BATCH} emails."
            return _error(422, "validation_error", message)
        for one in asked:
            if (wrong := _wrong(one)) is not None:
                return wrong
        sent = [{"id": self._keep(one, now_ns, rng)} for one in asked]
        return json_reply(200, {"data": sent}, done=True)

    def _keep(self, asked: dict[str, Any], now_ns: int, rng: random.Random) -> str:
        """Keep what is told of an e-mail; its content is not."""
        email_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        to = asked["to"]
        created = datetime.fromtimestamp((self.epoch_ns + now_ns) / NS_PER_S, UTC)
        self.emails.keep(
            email_id,
            {
                "object": "email",
                "id": email_id,
                "from": asked["from"],
                "to": to if isinstance(to, list) else [to],
                "subject": asked["subject"],
                "created_at": created.isoformat(sep=" "),
                "last_event": "delivered",
            },
        )
        return email_id


def _wrong(asked: Any) -> Reply | None:
    """What is wrong with an e-mail; None: nothing."""
    if not isinstance(asked, dict):
        return _error(422, "validation_error", "An email is an object.")
    for name in _NEEDED:
        if not asked.get(name):
            return _error(422, "missing_required_field", f"Missing `{name}` field.")
    if not any(asked.get(name) for name in _CONTENTS):
        return _error(422, "missing_required_field", "Missing `html` or `text` field.")
    if not isinstance(asked["subject"], str):
        return _error(422, "validation_error", "Invalid `subject` field.")
    if not is_address(asked["from"]):
        return _error(422, "validation_error", "Invalid `from` field.")
    for name in ("to", "cc", "bcc"):
        addresses = asked.get(name) or []
        found = addresses if isinstance(addresses, list) else [addresses]
        if len(found) > _MOST_RECIPIENTS or not all(map(is_address, found)):
            return _error(422, "validation_error", f"Invalid `{name}` field.")
    return None


def _canonical(request: Request) -> bytes:
    """A body as it is compared: the order of its keys does not matter."""
    try:
        return orjson.dumps(request.json, option=orjson.OPT_SORT_KEYS)
    except (ValueError, TypeError):
        return request.body
