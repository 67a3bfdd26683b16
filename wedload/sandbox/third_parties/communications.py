"""Messages to people: sent at once while the provider takes them, stored for later otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from aiohttp import web

from ..call import Call, answer
from ..errors import ApiError, forbidden, not_found
from ..ids import is_id, new_id
from ..resilience.call import ThirdPartyError
from ..validation import Problems, json_object, reserved_email
from .email import Email
from .outbox import find_communication, insert_communication
from .parties import unreachable
from .trace import trace_of

if TYPE_CHECKING:
    from ..resilience.deadline import Deadline

MOST_RECIPIENTS: Final = 50
LONGEST_TEMPLATE: Final = 100
LONGEST_TEXT: Final = 20_000


async def send(call: Call) -> web.Response:
    """`POST /api/communications/send`: a message made of a template's name and data."""
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, ("template", "recipients", "data"))
    template = problems.text(body, "template", LONGEST_TEMPLATE)
    recipients = check_recipients(body.get("recipients"), problems)
    text = _text(body.get("data", {}), problems)
    problems.finish()
    email, id_ = Email(recipients, template, text or template), new_id()  # SendGrid wants a text
    state = await send_or_queue(call, id_, email, call.platform.third_parties.deadline())
    used = state == "queued" and call.platform.third_parties.protections.honest_fallback
    told = state if used else "sent"
    return answer(202, {"id": id_, "status": told, "fallback_used": used})


async def send_or_queue(
    call: Call, id_: str, email: Email, deadline: Deadline, *, fails: bool = False
) -> Literal["sent", "queued"]:
    """Send it, or have the outbox do so later; `fails`: as if the provider could not be reached.

    Raises:
        ApiError: 503, there is no provider, or too much waits already; 502, it is refused for good.
    """
    parties, account_id = call.platform.third_parties, call.caller.account_id
    mailer = parties.mailer
    try:
        if fails:
            raise unreachable("email")
        trace = trace_of(call.request.headers.get("traceparent"))
        await mailer.send(email, id_, trace, deadline)
    except ThirdPartyError as error:
        if error.why == "rejected":
            raise ApiError(
                502, "third_party_refused", f"The message was refused: {error}."
            ) from None
        await call.stored(call.platform.outbox.queue_email(account_id, id_, email, call.run_id))
        parties.fell_back("email")
        return "queued"
    sent = {"to": email.recipients, "subject": email.subject, "text": email.text}
    await call.write(
        lambda: insert_communication(id_, account_id, "email", "sent", sent, call.run_id)
    )
    return "sent"


async def show(call: Call) -> web.Response:
    """`GET /api/communications/{id}`: whether it was sent."""
    id_, state = await _mine(call)
    return answer(200, {"id": id_, "status": state})


async def delete(call: Call) -> web.Response:
    """`DELETE /api/communications/{id}`: forgets it; one that waits is not sent any more."""
    id_, _ = await _mine(call)
    await call.stored(call.platform.outbox.withdraw(id_))
    return web.Response(status=204)


async def _mine(call: Call) -> tuple[str, str]:
    id_ = call.path("id")
    row = await call.read(find_communication(id_)) if is_id(id_) else None
    if row is None or row[1] != "email":
        raise not_found("message")
    if row[0] != call.caller.account_id:
        raise forbidden("This message belongs to others.")
    return id_, row[2]


def check_recipients(value: object, problems: Problems) -> tuple[str, ...]:
    """Addresses, of nobody real; what is wrong goes to `problems`."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_RECIPIENTS:
        said = f"must be a list of 1 to {MOST_RECIPIENTS} addresses"
        problems.add("recipients", "missing" if value is None else said)
        return ()
    found = []
    for n, each in enumerate(value):
        try:
            found.append(reserved_email(each))
        except ApiError as error:
            problems.add(f"recipients[{n}]", error.fields["email"])
    return tuple(found)


def _text(data: Any, problems: Problems) -> str:
    if not isinstance(data, dict):
        problems.add("data", "must be an object")
        return ""
    text = "\n".join(f"{name}: {value}" for name, value in data.items())
    if len(text) > LONGEST_TEXT:
        problems.add("data", f"must have at most {LONGEST_TEXT} characters")
    return text
