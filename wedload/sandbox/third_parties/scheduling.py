"""Makes appointments: in the calendar while it answers in time, held in the database otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from ..call import Call, answer
from ..errors import forbidden, invalid, not_found
from ..ids import is_id, new_id
from ..resilience.call import ThirdPartyError
from ..validation import Problems, json_object
from .appointments import (
    LONGEST_NAME,
    Appointment,
    Wish,
    check_times,
    delete_appointment,
    find_appointment,
    insert_appointment,
    some_time,
    text_or_number,
)
from .calendar import Meeting, new_event_id
from .options import parse_deadline
from .parties import failed
from .trace import trace_of

if TYPE_CHECKING:
    from datetime import datetime

    from ..database import Row
    from ..resilience.deadline import Deadline
    from .appointments import Kind
    from .calendar import Calendar
    from .parties import ThirdParties
    from .trace import Trace

_KEYS = ("supplier_id", "couple_id", "event_type", "preferred_times")
_LONGEST_MS = 600_000


async def schedule(call: Call) -> web.Response:
    """`POST /api/calendar/schedule`: an appointment at the first preferred time that is free."""
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, _KEYS)
    wish = check_wish(body, problems)
    problems.finish()
    parties = call.platform.third_parties
    return await _scheduled(call, wish, parties.deadline(), may_fall_back=True)


async def schedule_with_timeout(call: Call) -> web.Response:
    """`POST /api/calendar/schedule-with-timeout`: the same within the caller's own time-out."""
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, ("timeout", "fallback", *_KEYS))
    asked_s = _timeout_s(body.get("timeout"), problems)
    fallback = body.get("fallback", True)
    if not isinstance(fallback, bool) and fallback != "provisional":
        problems.add("fallback", 'must be true, false or "provisional"')
    me = call.caller.account_id
    full = {"supplier_id": me, "couple_id": me, "event_type": "consultation", **body}
    full.setdefault("preferred_times", [some_time().isoformat()])
    wish = check_wish(full, problems)
    problems.finish()
    deadline = call.platform.third_parties.deadline(asked_s)
    return await _scheduled(call, wish, deadline, may_fall_back=bool(fallback))


async def _scheduled(
    call: Call, wish: Wish, deadline: Deadline, *, may_fall_back: bool
) -> web.Response:
    parties, trace = call.platform.third_parties, trace_of(call.request.headers.get("traceparent"))
    event_id, used, me = new_event_id(), False, call.caller.account_id
    try:
        made = await in_calendar(parties, wish, event_id, trace, deadline)
    except ThirdPartyError as error:
        if not may_fall_back:
            raise failed(error) from None
        # it may be there all the same, and is then taken out together with the hold
        made = hold(call, wish, event_id if error.unknown else None)
        used = parties.fell_back("calendar")
    await call.write(lambda: insert_appointment(made, wish, me, None, call.run_id))
    return answer(201, {**shown(made), "fallback_used": used})


async def in_calendar(
    parties: ThirdParties, wish: Wish, event_id: str, trace: Trace, deadline: Deadline
) -> Appointment:
    """Put it into the supplier's calendar, at the first time that is free.

    Raises:
        ThirdPartyError: the calendar did not do it in time.
        ApiError: 503, there is no calendar.
    """
    calendar = parties.calendar
    half = parties.share_of(deadline, 0.5)
    starts, overlaps = await _free(calendar, wish, trace, half)
    meeting = Meeting(wish.supplier_id, wish.event_type, starts)
    event = await calendar.insert(event_id, meeting, trace, deadline)
    return Appointment(new_id(), "event", starts, event.id, event.link, overlaps)


async def _free(
    calendar: Calendar, wish: Wish, trace: Trace, deadline: Deadline
) -> tuple[datetime, bool]:
    """The first free time, if the calendar says; else the preferred one. Whether it overlaps."""
    try:
        free = await calendar.first_free(wish.supplier_id, wish.times, trace, deadline)
    except ThirdPartyError:
        return wish.times[0], False
    return (wish.times[0], True) if free is None else (free, False)


def hold(call: Call, wish: Wish, event_id: str | None) -> Appointment:
    """One that is not in the calendar, or may be, as `event_id`."""
    id_ = new_id()
    link = f"{call.request.scheme}://{call.request.host}/api/calendar/holds/{id_}"
    return Appointment(id_, "hold", wish.times[0], event_id, link)


def shown(made: Appointment) -> dict[str, Any]:
    """An appointment as answers tell of it."""
    where = {"event_id": made.event_id} if made.kind == "event" else {"hold_id": made.id}
    return {
        "calendar_link": made.link,
        **where,
        "starts_at": made.starts.isoformat(),
        "overlaps": made.overlaps,
    }


def check_wish(body: dict[str, Any], problems: Problems) -> Wish:
    """What is to be scheduled; what is wrong with it goes to `problems`."""
    return Wish(
        supplier_id=text_or_number(body, "supplier_id", problems),
        couple_id=text_or_number(body, "couple_id", problems),
        event_type=problems.text(body, "event_type", LONGEST_NAME),
        times=check_times(body.get("preferred_times"), problems),
    )


def _timeout_s(value: object, problems: Problems) -> float:
    """Milliseconds as a number, or a duration."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if 0 < value <= _LONGEST_MS:
            return value / 1000
    elif isinstance(value, str):
        try:
            return parse_deadline(value)
        except ValueError:
            pass
    said = 'must be milliseconds (1 to 600000) or a duration like "500ms"'
    problems.add("timeout", "missing" if value is None else said)
    return 0.0


async def show_hold(call: Call) -> web.Response:
    """`GET /api/calendar/holds/{id}`: what is held for whom."""
    row = await _mine(call, "hold")
    names = ("supplier_id", "couple_id", "event_type", "starts_at")
    return answer(200, {"id": row[0], **dict(zip(names, row[3:7], strict=True))})


async def delete_hold(call: Call) -> web.Response:
    """`DELETE /api/calendar/holds/{id}`: holds it no more."""
    return await _delete(call, "hold")


async def delete_event(call: Call) -> web.Response:
    """`DELETE /api/calendar/events/{id}`: takes it out of the calendar, and forgets it."""
    return await _delete(call, "event")


async def _delete(call: Call, kind: Kind) -> web.Response:
    row = await _mine(call, kind)
    await take_out(call, row)
    return web.Response(status=204)


async def take_out(call: Call, row: Row) -> None:
    """Take an appointment out of the calendar, now or as soon as it answers, and forget it."""
    platform = call.platform
    if row[7] is not None:
        trace = trace_of(call.request.headers.get("traceparent"))
        try:
            parties = platform.third_parties
            await parties.calendar.delete(row[3], row[7], trace, parties.deadline())
        except ThirdPartyError as error:
            if error.why != "rejected":
                await call.stored(
                    platform.outbox.queue_deletion(row[1], row[3], row[7], call.run_id)
                )
    await call.write(lambda: delete_appointment(row[0]))


async def _mine(call: Call, kind: Kind) -> Row:
    id_ = call.path("id")
    what = "hold" if kind == "hold" else "event"
    if (kind == "hold" and not is_id(id_)) or len(id_) > LONGEST_NAME or "\x00" in id_:
        raise not_found(what)
    row = await call.read(lambda: find_appointment(kind, id_))
    if row is None:
        raise not_found(what)
    if row[1] != call.caller.account_id:
        raise forbidden(f"This {what} belongs to others.")
    return row


def check_services(value: object, known: tuple[str, ...], problems: Problems) -> dict[str, str]:
    """Which parts are to fail; those that are not named are not."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise invalid({"services": "must be an object"})
    problems.unknown_keys(value, known, "services.")
    for name, wanted in value.items():
        if wanted not in ("fail", "success"):
            problems.add(f"services.{name}", 'must be "fail" or "success"')
    return value
