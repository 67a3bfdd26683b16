"""A client of a calendar as Google has it: free/busy, events inserted and deleted.

The id of an event is made here, so that an attempt that is repeated makes no second event: where
the first one was carried out, the second is answered 409, which is as good.

Sources: https://developers.google.com/workspace/calendar/api/v3/reference (freebusy/query,
events/insert, events/delete) and …/guides/errors (403 and 429, `rateLimitExceeded`).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote
from uuid import uuid4

from ..resilience.call import AttemptError, Operation
from ..resilience.retry import asked_wait_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..resilience.call import Guard
    from ..resilience.deadline import Deadline
    from .http import Http, Reply
    from .trace import Trace

MEETING: Final = timedelta(hours=1)
_QUOTA: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})
_EVENTS: Final = "/calendar/v3/calendars/{}/events"


@dataclass(frozen=True, slots=True)
class Meeting:
    """What is to be in the calendar; `starts` has an offset from UTC."""

    calendar_id: str
    summary: str
    starts: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """What is in the calendar."""

    id: str
    link: str


class Calendar:
    """Each method is one operation; all raise `ThirdPartyError` when it fails."""

    def __init__(self, http: Http, guard: Guard) -> None:
        self.guard = guard
        self._http = http

    async def first_free(
        self, calendar_id: str, times: Sequence[datetime], trace: Trace, deadline: Deadline
    ) -> datetime | None:
        """The first of these times at which nothing is in the calendar; None: there is none."""
        body = {
            "timeMin": _instant(min(times)),
            "timeMax": _instant(max(times) + MEETING),
            "items": [{"id": calendar_id}],
        }

        async def attempt(_made: int) -> list[tuple[datetime, datetime]]:
            headers = {"traceparent": trace.traceparent()}
            reply = await self._http.request(
                "POST freeBusy", "/calendar/v3/freeBusy", body, headers
            )
            _check(reply)
            return _busy(reply.body, calendar_id)

        busy = await self.guard.guarded(Operation(attempt, deadline))
        return next(
            (
                at
                for at in times
                if not any(at < until and since < at + MEETING for since, until in busy)
            ),
            None,
        )

    async def insert(
        self, event_id: str, meeting: Meeting, trace: Trace, deadline: Deadline
    ) -> Event:
        """Put it into the calendar, once."""
        path = _EVENTS.format(quote(meeting.calendar_id, safe="@"))

        async def attempt(made: int) -> Event:
            id_ = event_id
            if made and not self.guard.protections.idempotency:
                id_ = new_event_id()
            body = {
                "id": id_,
                "summary": meeting.summary,
                "start": {"dateTime": _instant(meeting.starts)},
                "end": {"dateTime": _instant(meeting.starts + MEETING)},
            }
            headers = {"traceparent": trace.traceparent(), "Idempotency-Key": id_}
            reply = await self._http.request("POST events", path, body, headers)
            if reply.status == 409:
                return Event(id_, link_of(id_, meeting.calendar_id))
            _check(reply)
            link = reply.body.get("htmlLink") if isinstance(reply.body, dict) else None
            return Event(id_, link if isinstance(link, str) else link_of(id_, meeting.calendar_id))

        return await self.guard.guarded(Operation(attempt, deadline))

    async def delete(
        self,
        calendar_id: str,
        event_id: str,
        trace: Trace,
        deadline: Deadline,
        *,
        most_attempts: int | None = None,
    ) -> None:
        """Take it out of the calendar; one that is not there (any more) is as good."""
        path = f"{_EVENTS.format(quote(calendar_id, safe='@'))}/{quote(event_id)}"

        async def attempt(_made: int) -> None:
            headers = {
                "traceparent": trace.traceparent(),
                "Idempotency-Key": f"delete-{event_id}",
            }
            reply = await self._http.request("DELETE events", path, None, headers)
            if reply.status not in {404, 410}:
                _check(reply)

        await self.guard.guarded(Operation(attempt, deadline, most_attempts))


def new_event_id() -> str:
    """One that Google takes: 5 to 1024 characters of base32hex, in lower case."""
    return uuid4().hex


def link_of(event_id: str, calendar_id: str) -> str:
    """The link that Google gives an event."""
    eid = urlsafe_b64encode(f"{event_id} {calendar_id}".encode()).decode().rstrip("=")
    return f"https://www.google.com/calendar/event?eid={eid}"


def _check(reply: Reply) -> None:
    if reply.status < 300:
        return
    # Google says that a quota is used up with 403, too.
    if reply.status == 403 and _reasons(reply.body) & _QUOTA:
        asked_s = asked_wait_s(reply.headers.get("Retry-After"))
        raise AttemptError("answered 403, over its quota", asked_s=asked_s)
    raise AttemptError(f"answered {reply.status}", lasting=True)


def _reasons(body: Any) -> set[str]:
    try:
        return {str(error["reason"]) for error in body["error"]["errors"]}
    except (KeyError, TypeError):
        return set()


def _busy(body: Any, calendar_id: str) -> list[tuple[datetime, datetime]]:
    try:
        return [
            (datetime.fromisoformat(each["start"]), datetime.fromisoformat(each["end"]))
            for each in body["calendars"][calendar_id].get("busy", ())
        ]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise AttemptError("answered what is no free/busy", lasting=True) from None


def _instant(at: datetime) -> str:
    return at.isoformat()
