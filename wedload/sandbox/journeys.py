"""What a submission sets in motion: a background worker that creates its journey and runs it.

The worker sleeps until something is triggered and asks nobody at intervals. Knows no HTTP beyond
the one handler that shows how far a journey has come.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from .call import Call, answer, instant
from .database import (
    ConflictError,
    Database,
    DatabaseError,
    Many,
    Query,
    Transaction,
    UnavailableError,
    rows,
)
from .errors import forbidden, not_found
from .events import journey_started
from .ids import is_id
from .tracing.scope import scope_now, within

if TYPE_CHECKING:
    from aiohttp import web

    from .events import Event, Events
    from .runs import Run, Runs
    from .tracing.scope import Scope

log = logging.getLogger(__name__)

#: a submission, the test run that made it, and its request, if that is traced
Triggered = tuple[str, "Run | None", "Scope | None"]

_HOUR_MS = 3_600_000
# Each step's name, and when it is due after the submission.
STEPS = (
    ("welcome e-mail", 0),
    ("questionnaire review", 24 * _HOUR_MS),
    ("follow-up", 72 * _HOUR_MS),
)

# Bounded, so that one transaction never holds up the requests behind it for long.
MOST_PER_TRANSACTION = 50
_RETRY_AFTER_S = 0.5


class Journeys:
    """The queue of triggered submissions, and the worker that empties it."""

    def __init__(self, database: Database, events: Events) -> None:
        self._database = database
        self._events = events
        self._waiting: asyncio.Queue[Triggered] = asyncio.Queue()

    def trigger(self, submission_id: str, run: Run | None) -> None:
        """Start this submission's journey soon; returns at once."""
        self._waiting.put_nowait((submission_id, run, scope_now()))

    async def recover(self, runs: Runs) -> None:
        """Trigger what an earlier run of the server accepted but never started."""
        missed = await self._database.read(
            lambda: rows(
                "SELECT s.id, s.run_id FROM submissions s"
                " LEFT JOIN journeys j ON j.submission_id = s.id"
                " WHERE j.submission_id IS NULL AND s.cancelled_ms IS NULL ORDER BY s.created_ms"
            )
        )
        for row in missed:
            self.trigger(row[0], runs.of(row[1]))

    async def run(self) -> None:
        """The worker's life, until it is cancelled."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < MOST_PER_TRANSACTION and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await self._start_traced(batch)
            except DatabaseError:
                # Whatever is wrong with these, those that follow must not wait for ever.
                log.exception("could not start %d journeys", len(batch))

    async def _start_traced(self, batch: list[Triggered]) -> None:
        """Start them; in the trace of the first that has one, which those of others link to."""
        scopes = [scope for _, _, scope in batch if scope is not None]
        if not scopes:
            await self._start(batch)
            return
        working, error = scopes[0].follow("start journeys", scopes[1:]), None
        try:
            with within(working):
                await self._start(batch)
        except BaseException as caught:
            error = type(caught).__name__
            raise
        finally:
            working.end(error)

    async def _start(self, batch: list[Triggered]) -> None:
        while True:
            try:
                started = await self._database.write(lambda: _start_journeys(batch))
            except UnavailableError as error:
                log.warning("journeys wait for the database: %s", error)
                await asyncio.sleep(_RETRY_AFTER_S)
            except ConflictError:
                # A form was deleted while its journeys started. Find the one alone; drop only it.
                if len(batch) > 1:
                    for one in batch:
                        await self._start([one])
                return
            for event in started:
                self._events.publish(event)
            return


def _start_journeys(batch: list[Triggered]) -> Transaction[list[Event]]:
    """Write them; what to tell of those that run now."""
    runs = {submission_id: run for submission_id, run, _ in batch}
    submission_ids = list(runs)
    now_ms = time.time_ns() // 1_000_000
    # From the submissions, as some may have been deleted since.
    yield Many(
        "INSERT INTO journeys (submission_id, state, started_ms)"
        " SELECT id, 'pending', NULL FROM submissions WHERE id = $1",
        [(submission_id,) for submission_id in submission_ids],
    )
    yield Many(
        "INSERT INTO journey_steps (submission_id, position, name, due_ms)"
        " SELECT submission_id, $2, $3, $4 FROM journeys WHERE submission_id = $1",
        [
            (submission_id, position, name, now_ms + after_ms)
            for submission_id in submission_ids
            for position, (name, after_ms) in enumerate(STEPS)
        ],
    )
    yield Many(
        "UPDATE journeys SET state = 'running', started_ms = $2 WHERE submission_id = $1",
        [(submission_id, now_ms) for submission_id in submission_ids],
    )
    marks = ", ".join(f"${n}" for n in range(1, len(submission_ids) + 1))
    running = yield Query(
        f"SELECT id, form_id, supplier_id, couple_id FROM submissions WHERE id IN ({marks})",  # noqa: S608 - placeholders
        tuple(submission_ids),
    )
    return [
        journey_started(row[0], row[1], row[2], row[3], now_ms, runs[row[0]]) for row in running
    ]


async def status(call: Call) -> web.Response:
    """`GET /api/realtime/status/{submission_id}`: how far its journey has come."""
    submission_id = call.path("submission_id")
    if not is_id(submission_id):
        raise not_found("submission")
    row = await call.read(lambda: _state(submission_id, call.caller.account_id))
    state, started_ms, cancelled_ms = row
    return answer(
        200,
        {
            "status": "submitted" if cancelled_ms is None else "cancelled",
            "journey": {"state": state or "pending", "started_at": instant(started_ms)},
        },
    )


def _state(
    submission_id: str, account_id: str
) -> Transaction[tuple[str | None, int | None, int | None]]:
    found = yield Query(
        "SELECT s.supplier_id, s.couple_id, j.state, j.started_ms, s.cancelled_ms"
        " FROM submissions s LEFT JOIN journeys j ON j.submission_id = s.id WHERE s.id = $1",
        (submission_id,),
    )
    if not found:
        raise not_found("submission")
    supplier_id, couple_id, state, started_ms, cancelled_ms = found[0]
    if account_id not in (supplier_id, couple_id):
        raise forbidden("This submission belongs to others.")
    return state, started_ms, cancelled_ms
