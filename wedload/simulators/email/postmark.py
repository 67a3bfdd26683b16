"""Postmark's two ways to send. Pure. It knows no idempotency keys, and tells nothing of its limits.

Sources: https://postmarkapp.com/developer/api/email-api, …/api/overview (status and error codes).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from wedload.simulators.email.addresses import is_address, listed
from wedload.simulators.service import OTHER, Call, Headers, QuotaScope, Reply, json_reply
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    import random

    from wedload.simulators.attempt import AttemptOutcome
    from wedload.simulators.quota import Allowance
    from wedload.simulators.request import Request

_MOST_RECIPIENTS: Final = 50
_MOST_IN_BATCH: Final = 500
_LONGEST_SUBJECT: Final = 2_000
_BAD_TOKEN, _INVALID, _NO_JSON, _OTHER_JSON, _BATCH = 10, 300, 402, 403, 410


def _error(status: int, code: int, message: str, outcome: AttemptOutcome = "wrong") -> Reply:
    return json_reply(status, {"ErrorCode": code, "Message": message}, outcome=outcome)


@dataclass(slots=True)
class Postmark:
    """One server of Postmark's, as its tokens are for."""

    epoch_ns: int = 0  # Unix time of the clock's instant 0
    tells_retry_after: bool = False
    quota_status: int = 429
    messages: int = 0  # that were taken

    def call(self, request: Request) -> Call:
        """Which endpoint it is."""
        match request.method, request.segments:
            case "POST", ("email",):
                name = "POST /email"
            case "POST", ("email", "batch"):
                name = "POST /email/batch"
            case _:
                name = OTHER
        return Call(request, name, known=name != OTHER)

    def answer(self, call: Call, now_ns: int, ready_ns: int, rng: random.Random) -> Reply:  # noqa: ARG002 - the port's signature
        """See `wedload.simulators.service.Service`."""
        request = call.request
        if not call.known:
            return _error(404, 404, "The requested resource does not exist.")
        if not request.headers.get("x-postmark-server-token"):
            message = "No Account or Server API tokens were supplied in the HTTP headers."
            return _error(401, _BAD_TOKEN, message)
        try:
            asked = request.json
        except ValueError:
            return _error(422, _NO_JSON, "The JSON input could not be parsed.")
        if call.endpoint == "POST /email":
            if (wrong := _wrong(asked)) is not None:
                return _error(422, *wrong)
            return json_reply(200, self._sent(asked, now_ns, rng), done=True)
        if not isinstance(asked, list):
            return _error(422, _OTHER_JSON, "The JSON input is not compatible with this endpoint.")
        if len(asked) > _MOST_IN_BATCH:
            return _error(422, _BATCH, f"A batch has at most {_MOST_IN_BATCH} messages.")
        return self._batch(asked, now_ns, rng)

    def over_quota(self, scope: QuotaScope, status: int) -> Reply:  # noqa: ARG002 - the port's signature
        """See `wedload.simulators.service.Service`."""
        return _error(status, status, "Rate limit exceeded.", "quota")

    def failed(self, status: int) -> Reply:
        """See `wedload.simulators.service.Service`."""
        return _error(status, status, "The server could not process the request.", "error")

    def quota_headers(self, allowance: Allowance, now_ns: int) -> Headers:  # noqa: ARG002 - the port's signature
        """None."""
        return ()

    def counts(self) -> dict[str, int]:
        """See `wedload.simulators.service.Service`."""
        return {"messages": self.messages}

    # --- sending ----------------------------------------------------------------------------

    def _batch(self, asked: list[Any], now_ns: int, rng: random.Random) -> Reply:
        """Each message is told by itself: some may be taken, and others not."""
        told: list[dict[str, Any]] = []
        done = False
        for one in asked:
            if (wrong := _wrong(one)) is not None:
                told.append({"ErrorCode": wrong[0], "Message": wrong[1]})
            else:
                told.append(self._sent(one, now_ns, rng))
                done = True
        return json_reply(200, told, done=done, outcome="ok" if done else "wrong")

    def _sent(self, asked: dict[str, Any], now_ns: int, rng: random.Random) -> dict[str, Any]:
        self.messages += 1
        at = datetime.fromtimestamp((self.epoch_ns + now_ns) / NS_PER_S, UTC)
        return {
            "To": asked.get("To", ""),
            "SubmittedAt": at.isoformat(),
            "MessageID": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
            "ErrorCode": 0,
            "Message": "OK",
        }


def _wrong(asked: Any) -> tuple[int, str] | None:
    """Error code and message of what is wrong with a message; None: nothing."""
    if not isinstance(asked, dict):
        return _OTHER_JSON, "The JSON input is not compatible with this endpoint."
    if not is_address(asked.get("From")):
        return _INVALID, "Invalid 'From' address."
    recipients = 0
    for name in ("To", "Cc", "Bcc"):
        addresses = asked.get(name) or ""
        found = listed(addresses) if isinstance(addresses, str) else [None]
        if not all(map(is_address, found)):
            return _INVALID, f"Invalid '{name}' address."
        recipients += len(found)
    if recipients == 0:
        return _INVALID, "Zero recipients specified."
    if recipients > _MOST_RECIPIENTS:
        return _INVALID, f"A message has at most {_MOST_RECIPIENTS} recipients."
    if not (asked.get("TextBody") or asked.get("HtmlBody")):
        return _INVALID, "Provide either email TextBody or HtmlBody or both."
    subject = asked.get("Subject") or ""
    if not isinstance(subject, str) or len(subject) > _LONGEST_SUBJECT:
        return _INVALID, f"A subject has at most {_LONGEST_SUBJECT} characters."
    return None
