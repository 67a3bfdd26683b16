"""Submissions that survive the failure of what comes with them: a receipt, and an appointment.

The database is what a submission cannot do without: where it fails the answer is 503 and nothing
has happened, as a submission that is nowhere must not be called accepted.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiohttp import web

from ..call import Call, answer
from ..database import ConflictError, Query, Transaction, UnavailableError
from ..errors import ApiError, forbidden, not_found, unauthorized
from ..events import submission_created
from ..forms import insert_submission, withdraw_submission
from ..ids import is_id, new_id
from ..resilience.call import ThirdPartyError
from ..validation import Problems, json_object
from .appointments import Wish, appointments_of, insert_appointment, some_time
from .calendar import new_event_id
from .communications import send_or_queue
from .email import Email
from .parties import unreachable
from .scheduling import check_services, hold, in_calendar, take_out
from .trace import trace_of

if TYPE_CHECKING:
    from ..resilience.deadline import Deadline

SERVICES: Final = ("email", "calendar", "database")
Warnings = list[dict[str, str]]


async def submit(call: Call) -> web.Response:
    """`POST /api/forms/submit-resilient`: stored, with warnings for what else did not work."""
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, ("form_id", "responses", "services"))
    form_id, responses = body.get("form_id"), body.get("responses")
    if form_id is not None and not (isinstance(form_id, str) and is_id(form_id)):
        problems.add("form_id", "must be the id of a form")
    if not isinstance(responses, dict):
        problems.add("responses", "missing" if responses is None else "must be an object")
    services = check_services(body.get("services"), SERVICES, problems)
    problems.finish()
    assert isinstance(responses, dict)
    if services.get("database") == "fail":
        raise UnavailableError("it cannot be reached, as was asked for")
    submission_id = new_id()
    address = await _store(call, submission_id, form_id, responses)
    deadline = call.platform.third_parties.deadline()
    fails = {name: services.get(name) == "fail" for name in SERVICES}
    found = await asyncio.gather(
        _receipt(call, submission_id, address, deadline, fails=fails["email"]),
        _appointment(call, submission_id, deadline, fails=fails["calendar"]),
    )
    warnings = [warning for some in found for warning in some]
    if not call.platform.third_parties.protections.honest_fallback:
        warnings = []
    return answer(201, {"id": submission_id, "warnings": warnings})


async def _store(
    call: Call, submission_id: str, form_id: str | None, responses: dict[str, Any]
) -> str:
    """Store the submission; the address of who sent it."""
    account_id = call.caller.account_id
    if form_id is None:
        return await call.write(
            lambda: _insert_loose(submission_id, account_id, responses, call.run_id)
        )
    try:
        supplier_id, created_ms = await call.write(
            lambda: insert_submission(submission_id, form_id, account_id, responses, call.run_id)
        )
    except ConflictError:  # the form was deleted in between
        raise not_found("form") from None
    call.platform.journeys.trigger(submission_id, call.run)
    call.platform.events.publish(
        submission_created(submission_id, form_id, supplier_id, account_id, created_ms, call.run)
    )
    return await call.read(lambda: _address(account_id))


async def _receipt(
    call: Call, submission_id: str, address: str, deadline: Deadline, *, fails: bool
) -> Warnings:
    email = Email((address,), "We have your answers", f"submission: {submission_id}")
    try:
        state = await send_or_queue(call, submission_id, email, deadline, fails=fails)
    except ApiError as error:
        return [_warning("email", error.code, error.message)]
    if state == "queued":
        return [_warning("email", "queued", "The receipt is sent later.")]
    return []


async def _appointment(
    call: Call, submission_id: str, deadline: Deadline, *, fails: bool
) -> Warnings:
    me, parties = call.caller.account_id, call.platform.third_parties
    wish = Wish(me, me, "follow-up", (some_time(),))
    event_id, warnings = new_event_id(), []
    try:
        _ = parties.calendar  # none at all is no failure of one
        if fails:
            raise unreachable("calendar")
        trace = trace_of(call.request.headers.get("traceparent"))
        made = await in_calendar(parties, wish, event_id, trace, deadline)
    except ApiError as error:
        return [_warning("calendar", error.code, error.message)]
    except ThirdPartyError as error:
        parties.fell_back("calendar")
        made = hold(call, wish, event_id if error.unknown else None)
        warnings = [_warning("calendar", "provisional", f"Held, not in the calendar: {error}.")]
    await call.write(lambda: insert_appointment(made, wish, me, submission_id, call.run_id))
    return warnings


def _warning(service: str, code: str, message: str) -> dict[str, str]:
    return {"service": service, "code": code, "message": message}


async def delete(call: Call) -> web.Response:
    """`DELETE /api/submissions/{id}`: the submission, its appointment and its receipt."""
    id_ = call.path("id")
    if not is_id(id_):
        raise not_found("submission")
    account_id = call.caller.account_id
    await call.write(lambda: _delete(id_, account_id))
    for row in await call.read(lambda: appointments_of(id_)):
        await take_out(call, row)
    await call.stored(call.platform.outbox.withdraw(id_))
    return web.Response(status=204)


def _insert_loose(
    submission_id: str, account_id: str, responses: dict[str, Any], run_id: str | None
) -> Transaction[str]:
    yield Query(
        "INSERT INTO loose_submissions (id, account_id, responses, created_ms, run_id)"
        " VALUES ($1, $2, $3, $4, $5)",
        (
            *(submission_id, account_id, orjson.dumps(responses).decode()),
            *(time.time_ns() // 1_000_000, run_id),
        ),
    )
    return (yield from _address(account_id))


def _address(account_id: str) -> Transaction[str]:
    found = yield Query("SELECT email FROM accounts WHERE id = $1", (account_id,))
    if not found:  # swept away in between
        raise unauthorized("Your account is gone; sign in again.")
    address: str = found[0][0]
    return address


def _delete(id_: str, account_id: str) -> Transaction[None]:
    loose = yield Query("SELECT account_id FROM loose_submissions WHERE id = $1", (id_,))
    whole = yield Query("SELECT couple_id FROM submissions WHERE id = $1", (id_,))
    if not loose and not whole:
        raise not_found("submission")
    if (loose or whole)[0][0] != account_id:
        raise forbidden("This submission belongs to others.")
    if loose:
        yield Query("DELETE FROM loose_submissions WHERE id = $1", (id_,))
    else:
        yield from withdraw_submission(id_)
        yield Query("DELETE FROM submissions WHERE id = $1", (id_,))
