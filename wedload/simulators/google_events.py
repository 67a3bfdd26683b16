"""Events of all calendars, up to a number; the oldest are forgotten first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from wedload.simulators.google_times import shown
from wedload.simulators.remembered import MOST_KEPT, Remembered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

#: events at most that a list, or a question for what is busy, goes through
_LOOKED_AT: Final = 10_000


@dataclass(slots=True)
class Event:
    """One event; `content` is what the API shows of it."""

    calendar: str
    event_id: str
    content: dict[str, Any]
    start: datetime
    end: datetime
    gone: bool = False


class Events:
    """Where events are kept."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._events: Remembered[Event] = Remembered(most)
        self._calendars: dict[str, dict[str, Event]] = {}

    def counts(self) -> dict[str, int]:
        """How many there are, and how many were forgotten."""
        return {"events": len(self._events), "events_forgotten": self._events.forgotten}

    def find(self, calendar: str, event_id: str) -> Event | None:
        """An event, also one that is gone."""
        return self._events.get(f"{calendar}/{event_id}")

    def keep(self, event: Event) -> None:
        """Keep a new one."""
        self._calendars.setdefault(event.calendar, {})[event.event_id] = event
        forgotten = self._events.keep(f"{event.calendar}/{event.event_id}", event)
        if forgotten is not None:
            left = self._calendars[forgotten.calendar]
            del left[forgotten.event_id]
            if not left:
                del self._calendars[forgotten.calendar]

    def between(
        self, calendar: str, start: datetime | None, end: datetime | None
    ) -> Iterator[Event]:
        """Events of a calendar that are not gone and overlap a stretch, the newest first."""
        kept = self._calendars.get(calendar, {})
        for event in islice(reversed(kept.values()), _LOOKED_AT):
            late = end is not None and event.start >= end
            early = start is not None and event.end <= start
            if not (event.gone or late or early):
                yield event

    def busy(self, calendar: str, start: datetime, end: datetime) -> list[dict[str, str]]:
        """Stretches that are taken, joined where they overlap."""
        taken: list[list[datetime]] = []
        for event in sorted(self.between(calendar, start, end), key=lambda one: one.start):
            if event.content.get("transparency") == "transparent":
                continue
            if taken and event.start <= taken[-1][1]:
                taken[-1][1] = max(taken[-1][1], event.end)
            else:
                taken.append([event.start, event.end])
        return [
            {"start": shown(max(start, since)), "end": shown(min(end, until))}
            for since, until in taken
        ]
