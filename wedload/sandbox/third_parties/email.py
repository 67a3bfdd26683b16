"""A client of providers of e-mail: the same message, in the shape that each of them wants.

Sources: https://resend.com/docs/api-reference/emails/send-email,
https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send,
https://postmarkapp.com/developer/api/email-api.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import uuid4

from ..resilience.call import AttemptError, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..resilience.call import Guard
    from ..resilience.deadline import Deadline
    from .http import Http, Reply
    from .trace import Trace

Provider = Literal["resend", "sendgrid", "postmark"]
SENDER: Final = "platform@weddings.example"
#: what Resend calls a key whose first request is not answered yet
_UNDER_WAY: Final = "concurrent_idempotent_requests"


@dataclass(frozen=True, slots=True)
class Email:
    """One message to a few addresses."""

    recipients: tuple[str, ...]
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Shape:
    """How one provider is asked, and where its answer has the message's id."""

    path: str
    body: Callable[[Email], dict[str, Any]]
    key_headers: Callable[[str], Mapping[str, str]]
    id_of: Callable[[Reply], object]


def _bearer(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _from_body(name: str) -> Callable[[Reply], object]:
    return lambda reply: reply.body.get(name) if isinstance(reply.body, dict) else None


SHAPES: Final[dict[Provider, Shape]] = {
    "resend": Shape(
        path="/emails",
        body=lambda email: {
            "from": SENDER,
            "to": list(email.recipients),
            "subject": email.subject,
            "text": email.text,
        },
        key_headers=_bearer,
        id_of=_from_body("id"),
    ),
    "sendgrid": Shape(
        path="/v3/mail/send",
        body=lambda email: {
            "personalizations": [{"to": [{"email": each} for each in email.recipients]}],
            "from": {"email": SENDER},
            "subject": email.subject,
            "content": [{"type": "text/plain", "value": email.text}],
        },
        key_headers=_bearer,
        id_of=lambda reply: reply.headers.get("X-Message-Id"),
    ),
    "postmark": Shape(
        path="/email",
        body=lambda email: {
            "From": SENDER,
            "To": ",".join(email.recipients),
            "Subject": email.subject,
            "TextBody": email.text,
        },
        key_headers=lambda key: {"X-Postmark-Server-Token": key, "Accept": "application/json"},
        id_of=_from_body("MessageID"),
    ),
}


class Mailer:
    """Sends e-mail by one provider."""

    def __init__(self, http: Http, guard: Guard, shape: Shape) -> None:
        self.guard = guard
        self._http = http
        self._shape = shape

    async def send(
        self,
        email: Email,
        key: str,
        trace: Trace,
        deadline: Deadline,
        *,
        most_attempts: int | None = None,
    ) -> str:
        """Hand it to the provider; its id there. The same `key` is the same message.

        Raises:
            ThirdPartyError: it did not take it.
        """

        async def attempt(made: int) -> str:
            mine = key
            if made and not self.guard.protections.idempotency:
                mine = str(uuid4())
            headers = {"traceparent": trace.traceparent(), "Idempotency-Key": mine}
            reply = await self._http.request(
                "POST message", self._shape.path, self._shape.body(email), headers
            )
            if reply.status >= 300:
                busy = reply.status == 409 and _reason(reply.body) == _UNDER_WAY
                raise AttemptError(f"answered {reply.status}", lasting=not busy, unknown=busy)
            return str(self._shape.id_of(reply) or "")

        return await self.guard.guarded(Operation(attempt, deadline, most_attempts))


def _reason(body: Any) -> object:
    return body.get("name") if isinstance(body, dict) else None
