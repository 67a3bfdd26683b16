"""Google Calendar as far as a platform that schedules needs it: events, and free or busy. Pure.

Any bearer token is accepted, and none is kept. Events are kept up to a number; what an event is
beside its times is given back as it came.

Sources: https://developers.google.com/workspace/calendar/api/v3/reference (events, freebusy);
/guides/quota for quotas.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from wedload.simulators.google_errors import (
    backend_error,
    bad_request,
    gone,
    google_error,
    not_found,
    not_signed_in,
    over_quota,
)
from wedload.simulators.google_events import Event, Events
from wedload.simulators.google_times import instant_of, is_whole_day, parsed, shown
from wedload.simulators.service import OTHER, Call, Headers, QuotaScope, Reply, json_reply
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    import random

    from wedload.simulators.quota import Allowance
    from wedload.simulators.request import Request

#: an id that the client chooses: base32hex, 5 to 1024 characters (events.insert)
_ID: Final = re.compile("[0-9a-v]{5,1024}")
_PREFIX: Final = ("calendar", "v3")
_READING: Final = frozenset({"events.list", "events.get", "freebusy.query"})
_MOST_LISTED: Final = 2_500
_LISTED: Final = 250  # unless `maxResults` says otherwise
_MOST_CALENDARS: Final = 50  # of one question for free/busy
_LONGEST_ASKED: Final = timedelta(days=92)


@dataclass(slots=True)
class GoogleCalendar:
    """All calendars of a project; each is there as soon as it is named."""

    events: Events = field(default_factory=Events)
    epoch_ns: int = 0  # Unix time of the clock's instant 0
    tells_retry_after: bool = False
    quota_status: int = 403

    def call(self, request: Request) -> Call:
        """Which method of the API it is."""
        segments = request.segments
        name = OTHER
        if segments[:2] == _PREFIX:
            match request.method, segments[2:]:
                case "POST", ("freeBusy",):
                    name = "freebusy.query"
                case "POST", ("calendars", _, "events"):
                    name = "events.insert"
                case "GET", ("calendars", _, "events"):
                    name = "events.list"
                case "GET", ("calendars", _, "events", _):
                    name = "events.get"
                case "DELETE", ("calendars", _, "events", _):
                    name = "events.delete"
        return Call(
            request,
            name,
            key=_own_key(name, request),
            user=_user(request),
            known=name != OTHER,
            reads=name in _READING,
        )

    def answer(
        self,
        call: Call,
        now_ns: int,
        ready_ns: int,  # noqa: ARG002 - the port's signature
        rng: random.Random,
    ) -> Reply:
        """See `wedload.simulators.service.Service`."""
        request = call.request
        if not request.bearer:
            return not_signed_in()
        match call.endpoint:
            case "events.insert":
                return self._insert(request, now_ns, rng)
            case "events.list":
                return self._list(request)
            case "events.get":
                return self._get(request)
            case "events.delete":
                return self._delete(request)
            case "freebusy.query":
                return self._free_busy(request)
            case _:
                return not_found()

    def over_quota(self, scope: QuotaScope, status: int) -> Reply:
        """See `wedload.simulators.service.Service`."""
        return over_quota(scope, status)

    def failed(self, status: int) -> Reply:
        """See `wedload.simulators.service.Service`."""
        return backend_error(status)

    def quota_headers(self, allowance: Allowance, now_ns: int) -> Headers:  # noqa: ARG002 - the port's signature
        """None: the API tells nothing of its quotas."""
        return ()

    def counts(self) -> dict[str, int]:
        """See `wedload.simulators.service.Service`."""
        return self.events.counts()

    # --- methods ----------------------------------------------------------------------------

    def _insert(self, request: Request, now_ns: int, rng: random.Random) -> Reply:
        asked = request.json_object
        if asked is None:
            return bad_request("parseError", "Parse Error")
        times = _times(asked)
        if isinstance(times, Reply):
            return times
        event_id = asked.get("id")
        if event_id is None:
            event_id = f"{rng.getrandbits(130):026x}"
        elif not isinstance(event_id, str) or _ID.fullmatch(event_id) is None:
            return bad_request("invalid", "Invalid resource id value.")
        calendar = request.segments[3]
        if self.events.find(calendar, event_id) is not None:
            return google_error(409, "duplicate", "The requested identifier already exists.")
        content = self._content(asked, calendar, event_id, now_ns)
        self.events.keep(Event(calendar, event_id, content, *times))
        return json_reply(200, content, done=True)

    def _content(
        self, asked: dict[str, Any], calendar: str, event_id: str, now_ns: int
    ) -> dict[str, Any]:
        handle = blake2b(f"{calendar}/{event_id}".encode("utf-8", "replace"), digest_size=12)
        created = shown(datetime.fromtimestamp((self.epoch_ns + now_ns) / NS_PER_S, UTC))
        return {
            **asked,
            "kind": "calendar#event",
            "etag": f'"{now_ns:x}"',
            "id": event_id,
            "status": asked.get("status", "confirmed"),
            "htmlLink": f"https://www.google.com/calendar/event?eid={handle.hexdigest()}",
            "created": created,
            "updated": created,
            "iCalUID": f"{event_id}@google.com",
            "sequence": 0,
            "eventType": "default",
            "organizer": {"email": calendar, "self": True},
        }

    def _find(self, request: Request) -> Event | None:
        _, _, _, calendar, _, event_id = request.segments
        return self.events.find(calendar, event_id)

    def _get(self, request: Request) -> Reply:
        event = self._find(request)
        return not_found() if event is None else json_reply(200, event.content, done=True)

    def _delete(self, request: Request) -> Reply:
        event = self._find(request)
        if event is None:
            return not_found()
        if event.gone:
            return gone()
        event.gone = True
        event.content["status"] = "cancelled"
        return Reply(204, done=True)

    def _list(self, request: Request) -> Reply:
        try:
            most = int(request.query.get("maxResults", _LISTED))
            bounds = [
                parsed(asked) if (asked := request.query.get(name)) else None
                for name in ("timeMin", "timeMax")
            ]
        except (ValueError, OverflowError):
            return bad_request("invalid", "Bad Request")
        if most < 1:
            return bad_request("invalid", "Invalid value for maxResults.", parameter="maxResults")
        found = self.events.between(request.segments[3], *bounds)
        items = [event for event, _ in zip(found, range(min(most, _MOST_LISTED)), strict=False)]
        items.sort(key=lambda event: event.start)
        content = {
            "kind": "calendar#events",
            "summary": request.segments[3],
            "timeZone": "UTC",
            "items": [event.content for event in items],
        }
        return json_reply(200, content, done=True)

    def _free_busy(self, request: Request) -> Reply:
        asked = request.json_object
        if asked is None:
            return bad_request("parseError", "Parse Error")
        try:
            start, end = parsed(asked["timeMin"]), parsed(asked["timeMax"])
        except (KeyError, TypeError, ValueError, OverflowError):
            return bad_request("required", "Missing or invalid timeMin or timeMax.")
        if end <= start:
            return _empty_range("timeMax")
        if end - start > _LONGEST_ASKED:
            return bad_request("timeRangeTooLong", "The requested time range is too long.")
        items = asked.get("items", [])
        if not isinstance(items, list) or len(items) > _MOST_CALENDARS:
            return bad_request("tooManyCalendarsRequested", "Too many calendars requested.")
        names = [item["id"] for item in items if isinstance(item, dict) and "id" in item]
        calendars = {str(name): {"busy": self.events.busy(str(name), start, end)} for name in names}
        content = {
            "kind": "calendar#freeBusy",
            "timeMin": shown(start),
            "timeMax": shown(end),
            "calendars": calendars,
        }
        return json_reply(200, content, done=True)


def _times(asked: dict[str, Any]) -> tuple[datetime, datetime] | Reply:
    """When an event is, or what is wrong with it."""
    for name in ("start", "end"):
        if not isinstance(asked.get(name), dict):
            return bad_request("required", f"Missing {name} time.")
    start, end = instant_of(asked["start"]), instant_of(asked["end"])
    if start is None or end is None:
        return bad_request("invalid", "Bad Request")
    if is_whole_day(asked["start"]) != is_whole_day(asked["end"]):
        return bad_request("invalid", "Start and end times must both be date or both be dateTime.")
    if end < start:
        return _empty_range("")
    return start, end


def _empty_range(parameter: str) -> Reply:
    message = "The specified time range is empty."
    return bad_request("timeRangeEmpty", message, parameter=parameter, domain="calendar")


def _own_key(name: str, request: Request) -> str:
    """The id of the event that a request is about, if it has one."""
    if name == "events.insert":
        asked = request.json_object or {}
        found = asked.get("id")
        return f"{request.segments[3]}/{found}" if isinstance(found, str) else ""
    if name in {"events.get", "events.delete"}:
        return f"{request.segments[3]}/{request.segments[5]}"
    return ""


def _user(request: Request) -> str:
    """Whose quota it counts against: `quotaUser`, else whose token it is, hashed."""
    if user := request.query.get("quotaUser", ""):
        return f"user {user[:40]}"
    if token := request.bearer:
        return blake2b(token.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return ""
