"""Bookings in the database. Knows no third party and no HTTP."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from ..database import Query, Row, Transaction
from ..forms import insert_submission, withdraw_submission

if TYPE_CHECKING:
    from ..database import Start

#: `failed`: a part failed, and nothing was undone, as compensation is switched off
State = Literal["pending", "confirmed", "compensated", "failed"]


@dataclass(slots=True)
class Booking:
    """One booking; `request` tells the same request from another with the same key.

    `parts` is what came of each: `calendar`, `email`, `webhook`, …; `failed` which of them did.
    """

    id: str
    account_id: str
    repeat_key: str
    request: str
    submission_id: str
    calendar_id: str
    event_id: str
    state: State = "pending"
    parts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Began:
    """What the first transaction found or made: a booking of before, or a new one's submission."""

    before: Booking | None
    supplier_id: str = ""
    created_ms: int = 0


_COLUMNS: Final = (
    "id, account_id, repeat_key, request, submission_id, calendar_id, event_id, state, parts"
)


def begin(
    new: Booking, form_id: str, responses: dict[str, Any], run_id: str | None
) -> Transaction[Began]:
    """Store the submission and the booking, unless there is one of this key already."""
    before = yield from by_key(new.account_id, new.repeat_key)
    if before is not None:
        return Began(before)
    supplier_id, created_ms = yield from insert_submission(
        new.submission_id, form_id, new.account_id, responses, run_id
    )
    new.calendar_id = supplier_id
    yield Query(
        f"INSERT INTO bookings ({_COLUMNS}, created_ms)"  # noqa: S608 - constants
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        (
            *(new.id, new.account_id, new.repeat_key, new.request, new.submission_id),
            *(new.calendar_id, new.event_id, new.state, orjson.dumps(new.parts).decode()),
            time.time_ns() // 1_000_000,
        ),
    )
    return Began(None, supplier_id, created_ms)


def save(booking: Booking) -> Transaction[None]:
    """Write what has become of it."""
    yield Query(
        "UPDATE bookings SET state = $2, event_id = $3, parts = $4 WHERE id = $1",
        (booking.id, booking.state, booking.event_id, orjson.dumps(booking.parts).decode()),
    )


def undo(booking: Booking) -> Start[None]:
    """Cancel the submission, forget the appointment, and write what has become of the booking."""

    def run() -> Transaction[None]:
        yield from withdraw_submission(booking.submission_id)
        sql = "DELETE FROM appointments WHERE owner_id = $1"
        yield Query(sql, (booking.submission_id,))
        yield from save(booking)

    return run


def by_key(account_id: str, repeat_key: str) -> Transaction[Booking | None]:
    """The booking that an account made with this key."""
    found = yield Query(
        f"SELECT {_COLUMNS} FROM bookings"  # noqa: S608 - constants
        " WHERE account_id = $1 AND repeat_key = $2",
        (account_id, repeat_key),
    )
    return booking_of(found[0]) if found else None


def by_id(id_: str) -> Transaction[Booking | None]:
    """The booking with this id; its calendar is the form's supplier."""
    sql = f"SELECT {_COLUMNS} FROM bookings WHERE id = $1"  # noqa: S608 - constants
    found = yield Query(sql, (id_,))
    return booking_of(found[0]) if found else None


def unfinished() -> Transaction[list[tuple[Booking, str | None]]]:
    """What an earlier run of the server began and never ended, and which test run's each is."""
    run = "SELECT run_id FROM submissions s WHERE s.id = submission_id"
    sql = f"SELECT {_COLUMNS}, ({run}) FROM bookings WHERE state = 'pending'"  # noqa: S608 - constants
    found = yield Query(sql)
    return [(booking_of(row[:-1]), row[-1]) for row in found]


def delete(booking: Booking) -> Transaction[None]:
    """Forget it, with its submission."""
    yield from withdraw_submission(booking.submission_id)
    yield Query("DELETE FROM submissions WHERE id = $1", (booking.submission_id,))


def booking_of(row: Row) -> Booking:
    """A row, in the order of `_COLUMNS`."""
    id_, account_id, repeat_key, request, submission_id, calendar_id, event_id, state, parts = row
    return Booking(
        id_,
        account_id,
        repeat_key,
        request,
        submission_id,
        calendar_id,
        event_id,
        state,
        orjson.loads(parts),
    )
