"""SendGrid's mail send. Pure. It knows no idempotency keys: what comes twice is sent twice.

Sources: https://www.twilio.com/docs/sendgrid/api-reference/mail-send (and /errors);
…/how-to-use-sendgrid-v3-api/rate-limits for the three headers, whose reset is Unix time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from wedload.simulators.email.addresses import is_bare
from wedload.simulators.service import (
    OTHER,
    Call,
    Headers,
    QuotaScope,
    Reply,
    json_reply,
    whole_seconds,
)

if TYPE_CHECKING:
    import random

    from wedload.simulators.attempt import AttemptOutcome
    from wedload.simulators.quota import Allowance
    from wedload.simulators.request import Request

_SEND: Final = "POST /v3/mail/send"
_MOST_PERSONALIZATIONS: Final = 1_000
_MOST_RECIPIENTS: Final = 1_000
_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _error(
    status: int, message: str, of: str | None = None, outcome: AttemptOutcome = "wrong"
) -> Reply:
    content = {"errors": [{"message": message, "field": of, "help": None}]}
    return json_reply(status, content, outcome=outcome)


@dataclass(slots=True)
class SendGrid:
    """One account."""

    epoch_ns: int = 0  # Unix time of the clock's instant 0
    tells_retry_after: bool = False
    quota_status: int = 429
    messages: int = 0  # that were taken

    def call(self, request: Request) -> Call:
        """Which endpoint it is."""
        known = request.method == "POST" and request.segments == ("v3", "mail", "send")
        return Call(request, _SEND if known else OTHER, known=known)

    def answer(self, call: Call, now_ns: int, ready_ns: int, rng: random.Random) -> Reply:  # noqa: ARG002 - the port's signature
        """See `wedload.simulators.service.Service`."""
        request = call.request
        if not call.known:
            return _error(404, "not found")
        if not request.bearer:
            return _error(401, "Permission denied, wrong credentials")
        try:
            asked = request.json
        except ValueError:
            return _error(400, "Bad Request: the body is not valid JSON")
        if (wrong := _wrong(asked)) is not None:
            return wrong
        self.messages += 1
        message_id = "".join(rng.choices(_ALPHABET, k=22))
        return Reply(202, headers=(("X-Message-Id", message_id),), done=True)

    def over_quota(self, scope: QuotaScope, status: int) -> Reply:  # noqa: ARG002 - the port's signature
        """See `wedload.simulators.service.Service`."""
        return _error(status, "too many requests", outcome="quota")

    def failed(self, status: int) -> Reply:
        """See `wedload.simulators.service.Service`."""
        return _error(status, "an error occurred at the server", outcome="error")

    def quota_headers(self, allowance: Allowance, now_ns: int) -> Headers:  # noqa: ARG002 - the port's signature
        """Limit, what is left, and from when on (Unix time, s) there will be more."""
        return (
            ("X-RateLimit-Limit", str(allowance.limit)),
            ("X-RateLimit-Remaining", str(allowance.remaining)),
            ("X-RateLimit-Reset", str(whole_seconds(self.epoch_ns + allowance.next_ns))),
        )

    def counts(self) -> dict[str, int]:
        """See `wedload.simulators.service.Service`."""
        return {"messages": self.messages}


def _wrong(asked: Any) -> Reply | None:
    """What is wrong with a message; None: nothing."""
    if not isinstance(asked, dict):
        return _error(400, "Bad Request: the body is not an object")
    wrong = _wrong_recipients(asked)
    if wrong is not None:
        return wrong
    sender = asked.get("from")
    if not isinstance(sender, dict) or not sender.get("email"):
        return _error(400, "The from object must be provided, with an email.", "from.email")
    if not is_bare(sender["email"]):
        return _error(400, "The from email does not contain a valid address.", "from.email")
    by_template = bool(asked.get("template_id"))
    subjects = [asked.get("subject"), *(one.get("subject") for one in asked["personalizations"])]
    if not by_template and not any(isinstance(one, str) and one for one in subjects):
        return _error(400, "The subject is required.", "subject")
    contents = asked.get("content")
    if not by_template and not (isinstance(contents, list) and contents):
        return _error(
            400, "Unless a valid template_id is provided, content is required.", "content"
        )
    for index, one in enumerate(contents or []):
        if not isinstance(one, dict) or not one.get("type") or not one.get("value"):
            return _error(400, "Content needs a type and a value.", f"content.{index}")
    return None


def _wrong_recipients(asked: dict[str, Any]) -> Reply | None:
    blocks = asked.get("personalizations")
    if not isinstance(blocks, list) or not blocks:
        message = "The personalizations field is required and must have at least one."
        return _error(400, message, "personalizations")
    if len(blocks) > _MOST_PERSONALIZATIONS:
        message = f"The personalization block is limited to {_MOST_PERSONALIZATIONS} a request."
        return _error(400, message, "personalizations")
    recipients = 0
    for index, block in enumerate(blocks):
        where = f"personalizations.{index}.to"
        if not isinstance(block, dict) or not isinstance(block.get("to"), list) or not block["to"]:
            return _error(400, "The to array is required, and must have at least one.", where)
        for kind in ("to", "cc", "bcc"):
            for number, one in enumerate(block.get(kind) or []):
                at = f"personalizations.{index}.{kind}.{number}.email"
                if not isinstance(one, dict) or not is_bare(one.get("email")):
                    return _error(400, "Does not contain a valid address.", at)
                recipients += 1
    if recipients > _MOST_RECIPIENTS:
        message = f"There is a limit of {_MOST_RECIPIENTS} total recipients a request."
        return _error(400, message, "personalizations")
    return None
