"""What couples ask of bookings. Each handler checks what it was sent; see `saga` for the rest."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from ..call import Call, answer
from ..database import ConflictError, UnavailableError
from ..errors import ApiError, forbidden, invalid, not_found
from ..events import submission_created
from ..ids import is_id, new_id
from ..third_parties.appointments import LONGEST_NAME, Wish, appointments_of, check_times
from ..third_parties.calendar import new_event_id
from ..third_parties.communications import check_recipients
from ..third_parties.scheduling import check_services, take_out
from ..third_parties.trace import trace_of
from ..validation import Problems, json_object
from .rows import Booking, begin, by_id, by_key, delete
from .saga import PARTS, Order, Saga

if TYPE_CHECKING:
    from .rows import Began

_KEYS: Final = (
    *("form_id", "responses", "couple_id", "event_type"),
    *("preferred_times", "recipients", "services"),
)
_LONGEST_KEY: Final = 255
_STATUS: Final = {"pending": 409, "confirmed": 201, "compensated": 502, "failed": 502}


async def create(call: Call) -> web.Response:
    """`POST /api/bookings`: the form, the calendar, the e-mail and the webhook, or none of it."""
    raw = await call.json()
    order, form_id, responses = _checked(call, raw)
    parties = call.platform.third_parties
    _ = parties.calendar, parties.mailer  # without them nothing is begun
    key = call.request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= _LONGEST_KEY and key.isprintable()):
        raise invalid({"Idempotency-Key": f"must have 1 to {_LONGEST_KEY} printable characters"})
    booking = Booking(
        id=new_id(),
        account_id=call.caller.account_id,
        repeat_key=key or new_id(),
        request=sha256(await call.request.read()).hexdigest(),
        submission_id=new_id(),
        calendar_id="",
        event_id=new_event_id(),
    )
    began = await _begin(call, booking, form_id, responses)
    if began.before is not None:
        return _repeated(began.before, booking.request)
    wish = Wish(began.supplier_id, order.wish.couple_id, order.wish.event_type, order.wish.times)
    order = Order(wish, order.recipients, order.fails)
    trace = trace_of(call.request.headers.get("traceparent"))
    await Saga(call, booking, order, trace).carry_out()
    if booking.state == "confirmed":
        call.platform.journeys.trigger(booking.submission_id, call.run)
        call.platform.events.publish(
            submission_created(
                *(booking.submission_id, form_id, began.supplier_id),
                *(booking.account_id, began.created_ms, call.run),
            )
        )
    return _told(booking)


async def _begin(call: Call, booking: Booking, form_id: str, responses: dict[str, Any]) -> Began:
    try:
        return await call.write(lambda: begin(booking, form_id, responses, call.run_id))
    except ConflictError:
        # The same key came twice at once, or the form was deleted in between.
        account_id, key = booking.account_id, booking.repeat_key
        before = await call.read(lambda: by_key(account_id, key))
        if before is None:
            raise not_found("form") from None
        raise _in_progress() from None


def _repeated(before: Booking, request: str) -> web.Response:
    """The answer that the key's first request got, or gets."""
    if before.request != request:
        raise invalid({"Idempotency-Key": "belongs to another request"})
    if before.state == "pending":
        raise _in_progress()
    return _told(before)


def _in_progress() -> ApiError:
    message = "A request with this Idempotency-Key is under way."
    return ApiError(409, "in_progress", message, headers={"Retry-After": "1"})


def _told(booking: Booking) -> web.Response:
    return answer(_STATUS[booking.state], _shown(booking))


def _shown(booking: Booking) -> dict[str, Any]:
    return {
        "id": booking.id,
        "state": booking.state,
        "submission_id": booking.submission_id,
        "calendar_id": booking.calendar_id,
        "event_id": booking.event_id,
        **booking.parts,
    }


def _checked(call: Call, raw: object) -> tuple[Order, str, dict[str, Any]]:
    """The order, its form and the responses; the supplier is the form's, and not known yet."""
    body = json_object(raw)
    problems = Problems()
    problems.unknown_keys(body, _KEYS)
    form_id, responses = body.get("form_id"), body.get("responses")
    if not isinstance(form_id, str) or not is_id(form_id):
        problems.add("form_id", "missing" if form_id is None else "must be the id of a form")
    if not isinstance(responses, dict):
        problems.add("responses", "missing" if responses is None else "must be an object")
    me = call.caller.account_id
    if body.get("couple_id", me) != me:
        problems.add("couple_id", "must be the couple who calls")
    event_type = problems.text({"event_type": "wedding", **body}, "event_type", LONGEST_NAME)
    times = check_times(body.get("preferred_times"), problems)
    recipients = check_recipients(body.get("recipients"), problems)
    services = check_services(body.get("services"), (*PARTS, "database"), problems)
    problems.finish()
    assert isinstance(form_id, str)
    assert isinstance(responses, dict)
    if services.get("database") == "fail":
        raise UnavailableError("it cannot be reached, as was asked for")
    fails = frozenset(name for name, wanted in services.items() if wanted == "fail")
    return Order(Wish("", me, event_type, times), recipients, fails), form_id, responses


async def show(call: Call) -> web.Response:
    """`GET /api/bookings/{id}`: its state, and what came of its parts."""
    return answer(200, _shown(await _mine(call)))


async def remove(call: Call) -> web.Response:
    """`DELETE /api/bookings/{id}`: it, its submission, its event, and what waits to be sent."""
    booking = await _mine(call)
    if booking.state == "pending":
        raise ApiError(409, "in_progress", "The booking is under way.")
    if booking.account_id != call.caller.account_id:
        raise forbidden("Only the couple may call it off.")
    for row in await call.read(lambda: appointments_of(booking.submission_id)):
        await take_out(call, row)
    for message in (booking.id, booking.submission_id):
        await call.stored(call.platform.outbox.withdraw(message))
    await call.write(lambda: delete(booking))
    return web.Response(status=204)


async def _mine(call: Call) -> Booking:
    id_ = call.path("id")
    booking = await call.read(lambda: by_id(id_)) if is_id(id_) else None
    if booking is None:
        raise not_found("booking")
    if call.caller.account_id not in (booking.account_id, booking.calendar_id):
        raise forbidden("This booking belongs to others.")
    return booking
