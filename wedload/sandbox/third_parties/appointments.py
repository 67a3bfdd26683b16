"""Appointments as they are asked for and stored: in the calendar, or held until they are."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from ..database import Query, Row, Transaction

if TYPE_CHECKING:
    from ..validation import Problems

MOST_TIMES: Final = 20
LONGEST_NAME: Final = 100
Kind = Literal["event", "hold"]


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be scheduled; the times come with the preferred one first."""

    supplier_id: str
    couple_id: str
    event_type: str
    times: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Appointment:
    """What came of it; `id` is the row's, `event_id` the calendar's (also where it may be there).

    `overlaps` if there was something at each of the times already.
    """

    id: str
    kind: Kind
    starts: datetime
    event_id: str | None
    link: str
    overlaps: bool = False


def text_or_number(given: dict[str, Any], key: str, problems: Problems) -> str:
    """An id: suppliers of the catalogue have numbers."""
    value = given.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return problems.text(given, key, LONGEST_NAME)


def check_times(value: object, problems: Problems) -> tuple[datetime, ...]:
    """The preferred times: ISO 8601, in UTC where they say nothing else."""
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_TIMES:
        missing = value is None
        said = "missing" if missing else f"must be a list of 1 to {MOST_TIMES} times"
        problems.add("preferred_times", said)
        return ()
    times = []
    for n, each in enumerate(value):
        try:
            at = datetime.fromisoformat(each)
        except (TypeError, ValueError):
            problems.add(f"preferred_times[{n}]", "must be a time like 2027-06-05T14:00:00Z")
            continue
        if not 1970 < at.year < 9000:
            problems.add(f"preferred_times[{n}]", "must be of the years 1971 to 8999")
            continue
        times.append(at if at.tzinfo else at.replace(tzinfo=UTC))
    return tuple(times)


def some_time() -> datetime:
    """For those who do not say when: tomorrow at ten."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)


def insert_appointment(
    made: Appointment, wish: Wish, account_id: str, owner_id: str | None, run_id: str | None
) -> Transaction[None]:
    """Store it; `owner_id` is what it belongs to, if anything."""
    yield Query(
        "INSERT INTO appointments (id, account_id, owner_id, kind, supplier_id, couple_id,"
        " event_type, starts_at, event_id, link, created_ms, run_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        (
            *(made.id, account_id, owner_id, made.kind, wish.supplier_id, wish.couple_id),
            *(wish.event_type, made.starts.isoformat(), made.event_id, made.link),
            *(time.time_ns() // 1_000_000, run_id),
        ),
    )


_COLUMNS: Final = "id, account_id, kind, supplier_id, couple_id, event_type, starts_at, event_id"


def find_appointment(kind: Kind, id_: str) -> Transaction[Row | None]:
    """A hold by its own id, an event by the calendar's."""
    column = "id" if kind == "hold" else "event_id"
    found = yield Query(
        f"SELECT {_COLUMNS} FROM appointments WHERE {column} = $1 AND kind = $2",  # noqa: S608 - constants
        (id_, kind),
    )
    return found[0] if found else None


def appointments_of(owner_id: str) -> Transaction[list[Row]]:
    """Those that belong to it."""
    return (
        yield Query(
            f"SELECT {_COLUMNS} FROM appointments WHERE owner_id = $1",  # noqa: S608 - constants
            (owner_id,),
        )
    )


def delete_appointment(id_: str) -> Transaction[None]:
    """Forget it."""
    yield Query("DELETE FROM appointments WHERE id = $1", (id_,))
