"""Times of events as Google Calendar takes them. Pure.

Source: https://developers.google.com/workspace/calendar/api/v3/reference/events: `dateTime` is RFC
3339, its offset may be left out where `timeZone` says it; `date` is a whole day.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo


def instant_of(time: Any) -> datetime | None:
    """The instant that an event's `start` or `end` names; None: it names none."""
    if not isinstance(time, dict):
        return None
    day, moment = time.get("date"), time.get("dateTime")
    if (day is None) == (moment is None):
        return None
    try:
        if day is not None:
            whole = date.fromisoformat(day)
            return datetime(whole.year, whole.month, whole.day, tzinfo=UTC)
        return parsed(moment, time.get("timeZone"))
    except (TypeError, ValueError, OverflowError):
        return None


def is_whole_day(time: Any) -> bool:
    """Whether it is a day and no moment."""
    return isinstance(time, dict) and "date" in time


def parsed(moment: Any, zone: Any = None) -> datetime:
    """An instant in RFC 3339.

    Raises:
        TypeError, ValueError, OverflowError: it is none.
    """
    found = datetime.fromisoformat(moment)
    if found.tzinfo is None:
        found = found.replace(tzinfo=_zone(zone))
    return found.astimezone(UTC)


def _zone(name: Any) -> ZoneInfo:
    if not isinstance(name, str) or not name:
        raise ValueError("no offset, and no time zone")
    try:
        return ZoneInfo(name)
    except (LookupError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone") from error


def shown(instant: datetime) -> str:
    """As answers have it: `2027-06-19T10:00:00Z`."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
