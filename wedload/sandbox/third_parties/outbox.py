"""What a third party did not take at once, and the worker that brings it there later.

Everything is in the database before it is promised; what an earlier run of the server left is taken
up by the next. The worker does a few a second, one after the other, while the breaker lets it, and
one a second to whom it failed to reach: whoever has just come back is not to be overrun. It takes
no retries from the budget of those who wait for an answer.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from ..database import Database, DatabaseError, Query, Start, Transaction, rows
from ..errors import ApiError
from ..ids import new_id
from ..resilience.call import ThirdPartyError
from .email import Email
from .parties import CLOCK
from .trace import Trace

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..database import Row
    from .parties import ThirdParties

log = logging.getLogger(__name__)

MOST_WAITING: Final = 10_000
EVERY_S: Final = 0.2
_LONGEST_WAIT_S: Final = 5.0
_RETRY_AFTER_S: Final = 0.5
_PAUSE_S: Final = 1.0

Kind = Literal["email", "event_delete"]
State = Literal["queued", "sent", "failed"]
_PARTY: Final[dict[str, str]] = {"email": "email", "event_delete": "calendar"}


@dataclass(slots=True)
class Waiting:
    """One thing that waits, as its row has it."""

    id: str
    kind: str
    body: dict[str, Any]
    tries: int = 0  # of the worker, since the server started


@dataclass(slots=True)
class Done:
    """What it did since it started."""

    queued: int = 0
    resumed: int = 0
    sent: int = 0
    failed: int = 0  # refused for good
    withdrawn: int = 0
    refused: int = 0  # as too many wait
    tries: int = 0


class Outbox:
    """What waits, and its worker."""

    def __init__(self, database: Database, parties: ThirdParties, every_s: float = EVERY_S) -> None:
        self._database = database
        self._parties = parties
        self._every_s = every_s
        self._waiting: dict[str, Waiting] = {}
        self._due: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._paused_until_s = dict.fromkeys(_PARTY.values(), 0.0)
        self._wake = asyncio.Event()
        self.done = Done()

    def counts(self) -> dict[str, int]:
        """What it did, and how much waits."""
        names = Done.__dataclass_fields__
        return {**{name: getattr(self.done, name) for name in names}, "waiting": self.waiting}

    @property
    def waiting(self) -> int:
        """How much waits."""
        return len(self._waiting)

    async def recover(self) -> None:
        """Take up what an earlier run of the server left."""
        left = await self._database.read(
            lambda: rows(
                "SELECT id, kind, body FROM communications WHERE state = 'queued'"
                " ORDER BY created_ms, id"
            )
        )
        for id_, kind, body in left:
            self.done.resumed += 1
            self._add(Waiting(id_, kind, orjson.loads(body)))

    async def queue_email(
        self, account_id: str, id_: str, email: Email, run_id: str | None
    ) -> None:
        """Store a message, to be sent later; its `id_` is its key, too.

        Raises:
            ApiError: 503, too many wait already.
            UnavailableError: the database does not answer.
        """
        self._refuse_if_full()
        body = {"to": email.recipients, "subject": email.subject, "text": email.text}
        await self._queue(account_id, Waiting(id_, "email", body), run_id)

    async def queue_deletion(
        self, account_id: str, calendar_id: str, event_id: str, run_id: str | None
    ) -> None:
        """Store that an event is to be taken out of a calendar; never refused.

        Raises:
            UnavailableError: the database does not answer.
        """
        body = {"calendar_id": calendar_id, "event_id": event_id}
        await self._queue(account_id, Waiting(new_id(), "event_delete", body), run_id)

    async def withdraw(self, id_: str) -> None:
        """Forget a message; if it waits still, it is not sent any more."""
        await self._database.write(lambda: _run("DELETE FROM communications WHERE id = $1", (id_,)))
        self.forget((id_,))

    def forget(self, ids: Iterable[str]) -> None:
        """Those whose rows are gone, as far as they wait still, are not brought there any more."""
        for id_ in ids:
            if self._waiting.pop(id_, None) is not None:
                self.done.withdrawn += 1

    def _refuse_if_full(self) -> None:
        if self.waiting >= MOST_WAITING:
            self.done.refused += 1
            full = f"{MOST_WAITING} messages wait already; come back later."
            raise ApiError(503, "queue_full", full, headers={"Retry-After": "1"})

    async def _queue(self, account_id: str, one: Waiting, run_id: str | None) -> None:
        await self._database.write(
            lambda: insert_communication(one.id, account_id, one.kind, "queued", one.body, run_id)
        )
        self.done.queued += 1
        self._add(one)

    def _add(self, one: Waiting, wait_s: float = 0.0) -> None:
        self._waiting[one.id] = one
        heapq.heappush(self._due, (CLOCK() + wait_s, next(self._order), one.id))
        self._wake.set()

    # --- the worker ---

    async def run(self) -> None:
        """The worker's life, until it is cancelled."""
        while True:
            one = await self._next()
            try:
                await self._bring(one)
            except Exception:
                # Whatever is wrong with this one, those that follow must not wait for ever.
                log.exception("could not bring %s", one.kind)
                self._later(one, _LONGEST_WAIT_S)
            await asyncio.sleep(self._every_s)

    async def _next(self) -> Waiting:
        """The first that is due and may go; it stays among those that wait."""
        while True:
            self._wake.clear()
            while self._due and self._due[0][2] not in self._waiting:  # withdrawn
                heapq.heappop(self._due)
            left_s = self._due[0][0] - CLOCK() if self._due else None
            if left_s is not None and left_s <= 0:
                one = self._waiting[heapq.heappop(self._due)[2]]
                if (wait_s := self._held_up_s(one)) > 0:
                    self._later(one, wait_s)
                    continue
                return one
            try:
                async with asyncio.timeout(left_s):
                    await self._wake.wait()
            except TimeoutError:
                pass

    def _held_up_s(self, one: Waiting) -> float:
        """Seconds that its third party is left alone for; 0: none."""
        name, now_s = _PARTY[one.kind], CLOCK()
        pause_s = max(0.0, self._paused_until_s[name] - now_s)
        if not self._parties.protections.breaker:
            return pause_s
        return max(pause_s, self._parties.guards[name].breaker.waits_s(now_s))

    async def _bring(self, one: Waiting) -> None:
        one.tries += 1
        self.done.tries += 1
        try:
            await self._hand_over(one)
        except ThirdPartyError as error:
            if error.why == "rejected":
                log.warning("%s was refused for good: %s", one.kind, error)
                await self._settle(one, "failed")
                self.done.failed += 1
                return
            wait_s = min(_LONGEST_WAIT_S, _RETRY_AFTER_S * 2 ** min(one.tries - 1, 8))
            pause_s = _PAUSE_S
            if error.asked_s is not None and self._parties.protections.retry_after:
                wait_s, pause_s = max(wait_s, error.asked_s), max(pause_s, error.asked_s)
            self._paused_until_s[error.party] = CLOCK() + pause_s
            self._later(one, wait_s)
        except ApiError:  # started without that third party this time
            self._later(one, _LONGEST_WAIT_S)
        else:
            await self._settle(one, "sent")
            self.done.sent += 1

    async def _hand_over(self, one: Waiting) -> None:
        """An operation, and a trace, of its own; the key is the one it had the first time.

        One attempt: what waits in here has the time to come again.
        """
        parties, body = self._parties, one.body
        if one.kind == "event_delete":
            calendar_id, event_id = body["calendar_id"], body["event_id"]
            await parties.calendar.delete(
                calendar_id, event_id, Trace(), parties.deadline(), most_attempts=1
            )
            return
        key = one.id if parties.protections.idempotency else new_id()
        email = Email(tuple(body["to"]), body["subject"], body["text"])
        await parties.mailer.send(email, key, Trace(), parties.deadline(), most_attempts=1)

    def _later(self, one: Waiting, wait_s: float) -> None:
        if one.id in self._waiting:
            self._add(one, wait_s)

    async def _settle(self, one: Waiting, state: State) -> None:
        """Write what became of it, however long the database takes to answer."""
        while True:
            try:
                await self._database.write(lambda: set_state(one.id, state, one.tries))
            except DatabaseError as error:
                log.warning("the outbox waits for the database: %s", error)
                await asyncio.sleep(_RETRY_AFTER_S)
            else:
                break
        self._waiting.pop(one.id, None)


def insert_communication(
    id_: str, account_id: str, kind: str, state: State, body: dict[str, Any], run_id: str | None
) -> Transaction[None]:
    """A message that was sent, or is to be."""
    yield Query(
        "INSERT INTO communications"
        " (id, account_id, kind, state, body, attempts, created_ms, run_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        (
            *(id_, account_id, kind, state, orjson.dumps(body).decode(), 0),
            *(time.time_ns() // 1_000_000, run_id),
        ),
    )


def set_state(id_: str, state: State, attempts: int) -> Transaction[None]:
    """What became of it."""
    yield Query(
        "UPDATE communications SET state = $2, attempts = $3 WHERE id = $1", (id_, state, attempts)
    )


def find_communication(id_: str) -> Start[Row | None]:
    """Its account, kind and state."""

    def find() -> Transaction[Row | None]:
        sql = "SELECT account_id, kind, state FROM communications WHERE id = $1"
        found = yield Query(sql, (id_,))
        return found[0] if found else None

    return find


def _run(sql: str, args: tuple[Any, ...]) -> Transaction[None]:
    yield Query(sql, args)
