"""The dispatcher of webhooks: from an event to every endpoint that wants it, at least once.

Everything is in the database before it is sent; what an earlier run of the server accepted and did
not deliver is delivered by the next. Knows no HTTP of its own: see `webhook_outbox`.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

import orjson

from .errors import ApiError
from .events import Event, journey_started, submission_created
from .faults.line import Line
from .ids import new_id
from .tracing.scope import part, scope_now
from .webhook_delivery import Delivery, Done, Endpoint, Message
from .webhook_outbox import SWAP_WAIT_S, Outbox, Sending
from .webhook_rows import (
    PREFIXES,
    delete_endpoint,
    enabled_endpoints,
    insert_endpoint,
    keep_sequences,
    missed_journeys,
    missed_submissions,
    pending_deliveries,
    set_endpoint_state,
)
from .webhook_store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .database import Database, Row, Start
    from .runs import Run, Runs
    from .weakness import Weaknesses


# What waits is kept in memory too; this much takes some 100 MB.
MOST_PENDING: Final = 100_000


class Webhooks:
    """Every enabled endpoint's outbox, and what is put into them."""

    def __init__(self, database: Database, sending: Sending, weaknesses: Weaknesses) -> None:
        self._database = database
        self._sending = sending
        self._weaknesses = weaknesses
        self._store = Store(database)
        self._outboxes: dict[str, Outbox] = {}
        self._swapped: dict[str, Delivery] = {}  # by endpoint: what waits for its partner
        self._done = Done()
        self._late = Line()
        self._held: set[asyncio.Task[None]] = set()
        self._writer: asyncio.Task[None] | None = None

    # --- its life ---

    async def recover(self, runs: Runs) -> None:
        """Take up what an earlier run of the server left, and what it never came to queue."""
        for endpoint, last_sequence in await self._database.read(enabled_endpoints):
            self._open(endpoint, last_sequence)
        for delivery in await self._database.read(lambda: pending_deliveries(runs)):
            if delivery.weakness == "reorder":  # its partner may be long gone
                delivery.weakness = None
            self._done.resumed += 1
            self._resume(delivery)
        for row in await self._database.read(missed_submissions):
            self._catch_up(row, submission_created, runs)
        for row in await self._database.read(missed_journeys):
            self._catch_up(row, journey_started, runs)

    def start(self) -> None:
        """Begin to write what is to be written."""
        self._writer = asyncio.create_task(self._store.run(), name="webhooks' writer")

    async def close(self) -> None:
        """Send nothing more, and write what became of what was sent."""
        for held in self._held:
            held.cancel()
        self._late.stop()
        for outbox in self._outboxes.values():
            await outbox.stop()
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)
        await self._store.flush()

    def counts(self) -> dict[str, object]:
        """What it did since it started, and how much it has still to do."""
        return self._done.as_dict()

    # --- endpoints ---

    async def register(self, endpoint: Endpoint) -> None:
        """Send what happens from now on there too."""
        await self._database.write(lambda: insert_endpoint(endpoint))
        self._open(endpoint, 0)

    async def remove(self, endpoint_id: str, account_id: str) -> bool:
        """Whether this account had the endpoint; it has no more, and what waited is disabled."""
        if not await self._database.write(lambda: delete_endpoint(endpoint_id, account_id)):
            return False
        outbox = self._outboxes.pop(endpoint_id, None)
        if outbox is not None:
            self._close(outbox)
        return True

    async def forget(self, run_id: str) -> None:
        """Before the rows of a run are deleted: close its endpoints, and let no row come back."""
        for outbox in [o for o in self._outboxes.values() if o.endpoint.run_id == run_id]:
            del self._outboxes[outbox.endpoint.id]
            self._close(outbox)
        await self._store.settle()
        last = [(id_, outbox.last_sequence) for id_, outbox in self._outboxes.items()]
        if last:
            await self._database.write(lambda: keep_sequences(last))

    def write_later(self, start: Start[Any]) -> None:
        """Run a transaction soon, however long the database takes to answer."""
        self._store.execute(start)

    def _open(self, endpoint: Endpoint, last_sequence: int) -> None:
        self._outboxes[endpoint.id] = Outbox(
            endpoint, last_sequence, self._sending, self._done, self._store.change, self._gone
        )

    def _gone(self, outbox: Outbox) -> None:
        """Its receiver answered that it wants no more."""
        self._outboxes.pop(outbox.endpoint.id, None)
        self._close(outbox)
        self._store.execute(lambda: set_endpoint_state(outbox.endpoint.id, "disabled"))

    def _close(self, outbox: Outbox) -> None:
        self._swapped.pop(outbox.endpoint.id, None)
        self._weaknesses.give_up_swap(outbox.endpoint.id)
        outbox.close()

    # --- messages ---

    async def trigger(
        self, account_id: str, event: str, data: object, run: Run | None = None
    ) -> tuple[str, int]:
        """Queue a message; its id and the number of deliveries, once they are stored.

        Raises:
            ApiError: 503, too many wait already.
            UnavailableError: the database does not answer; nothing is sent then.
        """
        if self._done.pending >= MOST_PENDING:
            full = f"{MOST_PENDING} deliveries wait already; come back later."
            raise ApiError(503, "queue_full", full, headers={"Retry-After": "1"})
        now_ms = time.time_ns() // 1_000_000
        message = Message(
            *(f"msg_{new_id()}", account_id, event, now_ms, orjson.dumps(data), run, scope_now())
        )
        deliveries = self._address(message, self._wanting(event, account_id))
        # By a writer that has no part in this request, nor in its trace.
        with part("store webhook", "client", self._database.dialect.name):
            await self._store.add(message, deliveries, lambda: self._release(deliveries))
        return message.id, len(deliveries)

    def hear(self, event: Event) -> None:
        """Queue what happened on the platform, if anybody wants it."""
        outboxes = self._wanting(event.type, event.supplier_id)
        if outboxes:
            self._queue(event, outboxes)

    def _catch_up(self, row: Row, tell: Callable[..., Event], runs: Runs) -> None:
        endpoint_id, run_id, *what = row
        event = tell(*what, runs.of(run_id))
        outbox = self._outboxes.get(endpoint_id)
        if outbox is not None and outbox.endpoint.wants(event.type, event.supplier_id):
            self._queue(event, [outbox])

    def _queue(self, event: Event, outboxes: Sequence[Outbox]) -> None:
        message_id = PREFIXES[event.type] + event.subject
        data = orjson.dumps(dict(event.row))
        account_id, at_ms = event.supplier_id, event.happened_ms
        message = Message(
            *(message_id, account_id, event.type, at_ms, data, event.run, scope_now())
        )
        deliveries = self._address(message, outboxes)
        self._store.add(message, deliveries, lambda: self._release(deliveries), insist=True)

    def _wanting(self, event: str, account_id: str) -> list[Outbox]:
        return [
            outbox for outbox in self._outboxes.values() if outbox.endpoint.wants(event, account_id)
        ]

    def _address(self, message: Message, outboxes: Sequence[Outbox]) -> list[Delivery]:
        """A delivery to each, with what it is to suffer."""
        deliveries = []
        for outbox in outboxes:
            delivery = Delivery(message, outbox.endpoint.id)
            hit = self._weaknesses.next(outbox.endpoint.id)
            if hit is not None:
                delivery.weakness = hit.kind
            if hit is not None and hit.kind == "delay":
                # never less than that, though the instant of its creation is rounded down
                delivery.due_ms = message.created_ms + round(hit.delay_s * 1000) + 1
            else:
                delivery.sequence = outbox.next_sequence()
            if delivery.weakness == "lose":
                delivery.state = "delivered"  # which is what makes it a loss: nobody tries again
            deliveries.append(delivery)
        return deliveries

    # --- from the database to the outboxes ---

    def _release(self, deliveries: Sequence[Delivery]) -> None:
        """They are stored: send them, each with its weakness."""
        self._done.messages += 1
        for delivery in deliveries:
            self._done.deliveries += 1
            outbox = self._outboxes.get(delivery.endpoint_id)
            if delivery.weakness == "lose":
                self._done.lose += 1
            elif outbox is None:  # closed meanwhile
                delivery.state = "disabled"
                self._done.disabled += 1
                self._store.change(delivery)
            elif delivery.weakness == "delay":
                self._done.delay += 1
                self._resume(delivery)
            elif delivery.weakness == "reorder":
                self._hold(outbox, delivery)
            else:
                self._put(outbox, delivery)

    def _put(self, outbox: Outbox, delivery: Delivery) -> None:
        """Queue it, now or when faults let it."""
        faults = self._sending.faults
        hit = None if faults is None else faults.hit("webhooks")

        def put() -> None:
            outbox.put(delivery)
            self._complete_swap(outbox)

        async def put_when_up() -> None:
            assert faults is not None
            await faults.until_up("webhooks")
            put()

        if self._late or (hit is not None and hit.late_s):
            self._late.after(hit.late_s if hit is not None else 0.0, put)
        elif hit is not None and hit.down and faults is not None and not faults.is_down("webhooks"):
            # a share of them waits; where all do, their workers wait, which keeps their order
            held = asyncio.create_task(put_when_up(), name="a webhook that a fault holds back")
            self._held.add(held)
            held.add_done_callback(self._held.discard)
        else:
            put()

    def _hold(self, outbox: Outbox, delivery: Delivery) -> None:
        """Keep it back until the next one has passed it."""
        self._swapped[delivery.endpoint_id] = delivery

        def alone(delivery: Delivery) -> None:
            self._swapped.pop(delivery.endpoint_id, None)
            self._weaknesses.give_up_swap(delivery.endpoint_id)
            outbox.put(delivery)

        outbox.put_later(delivery, SWAP_WAIT_S, alone)

    def _complete_swap(self, outbox: Outbox) -> None:
        held = self._swapped.pop(outbox.endpoint.id, None)
        if held is not None and outbox.take_back(held):
            self._done.reorder += 1
            outbox.put(held)

    def _resume(self, delivery: Delivery) -> None:
        """Send it when it is due: a retry or a delayed message, of now or of before a restart."""
        outbox = self._outboxes[delivery.endpoint_id]
        if delivery.due_ms is None:
            outbox.put(delivery)
            return
        wait_s = max(0.0, delivery.due_ms / 1000 - time.time())
        outbox.put_later(delivery, wait_s, outbox.again if delivery.sequence else self._queue_late)

    def _queue_late(self, delivery: Delivery) -> None:
        """What was delayed is queued only now: it comes late, but not out of order."""
        outbox = self._outboxes[delivery.endpoint_id]
        delivery.sequence = outbox.next_sequence()
        # By way of the store, where those may be that were given their numbers before.
        self._store.add(delivery.message, [delivery], lambda: outbox.put(delivery), insist=True)
