"""The queue when its database fails or it is full, within the test's own process."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.waiting import until
from wedload.sandbox import webhooks as dispatcher
from wedload.sandbox.database import DatabaseError, Query, UnavailableError
from wedload.sandbox.errors import ApiError
from wedload.sandbox.events import submission_created
from wedload.sandbox.ids import new_id
from wedload.sandbox.runs import Run, Runs
from wedload.sandbox.setup import Wanted, set_up
from wedload.sandbox.storage import open_database
from wedload.sandbox.weakness import Weaknesses
from wedload.sandbox.webhook_delivery import Endpoint
from wedload.sandbox.webhook_outbox import Sending
from wedload.sandbox.webhook_schedule import Schedule
from wedload.sandbox.webhook_signature import new_secret
from wedload.sandbox.webhook_target import parse_target
from wedload.sandbox.webhooks import Webhooks

SUPPLIER = "the supplier"


class Faulty:
    """A real database that refuses to write while it has an error to give.

    While it is not `open`, it does not say that it has written.
    """

    def __init__(self, database):
        self._database = database
        self.error = None
        self.refused = self.begun = self.done = 0
        self.open = asyncio.Event()
        self.open.set()

    @property
    def dialect(self):
        return self._database.dialect

    async def read(self, start):
        return await self._database.read(start)

    async def write(self, start):
        if self.error is not None:
            self.refused += 1
            raise self.error
        self.begun += 1
        written = await self._database.write(start)
        self.done += 1
        await self.open.wait()
        return written


@pytest.fixture
async def database():
    async with open_database(None) as database:
        await set_up(database, Wanted(1, 1))
        yield Faulty(database)


@pytest.fixture
async def webhooks(database, receiver):
    """A dispatcher with one endpoint, at the receiver's `/`."""
    webhooks = Webhooks(database, Sending(Schedule(()), 8, 15), Weaknesses())
    await webhooks.recover(Runs())
    webhooks.start()
    url = f"{receiver.url}/"
    target = parse_target(url)
    await webhooks.register(Endpoint(new_id(), SUPPLIER, url, target, None, "own", 0, new_secret()))
    yield webhooks
    await webhooks.close()


@pytest.fixture
def states(database):
    async def read():
        def query():
            found = yield Query("SELECT state FROM webhook_deliveries ORDER BY state")
            return [row[0] for row in found]

        return await database.read(query)

    return read


async def test_message_of_a_caller_fails_while_what_happened_is_kept_until_it_can_be_stored(
    webhooks, database, receiver, states, eventually
):
    database.error = UnavailableError("away, says the test")
    webhooks.hear(submission_created(new_id(), "f", SUPPLIER, "c", 1))
    with pytest.raises(UnavailableError, match="away"):
        await webhooks.trigger(SUPPLIER, "a", {})
    assert database.refused == 1
    assert receiver.arrivals == []
    database.error = None
    assert await eventually(states, lambda found: "delivered" in found) == ["delivered"]
    assert [arrival.json["type"] for arrival in receiver.arrivals] == ["submission.created"]


async def test_what_was_swept_before_it_could_be_stored_is_sent_but_not_stored(
    webhooks, database, receiver, states, eventually
):
    run = Run("a")
    database.error = UnavailableError("away, says the test")
    webhooks.hear(submission_created(new_id(), "f", SUPPLIER, "c", 1, run))
    await until(lambda: database.refused == 1)
    await run.sweep()
    database.error = None
    await webhooks.trigger(SUPPLIER, "a", {})
    assert await eventually(states, lambda found: "delivered" in found) == ["delivered"]
    await until(lambda: len(receiver.arrivals) == 2)


async def test_a_sweep_waits_for_what_is_being_stored(webhooks, database, states):
    run = Run("a")
    begun, done = database.begun, database.done
    database.open.clear()
    webhooks.hear(submission_created(new_id(), "f", SUPPLIER, "c", 1, run))
    await until(lambda: database.done == done + 1)  # it is there, and nobody knows yet
    await run.sweep()
    forgetting = asyncio.create_task(webhooks.forget("a"))
    await asyncio.sleep(0)
    written = database.begun
    database.open.set()
    assert written == begun + 1
    await forgetting  # what was being stored is there now, to be deleted
    assert await states() != []
    assert database.begun == begun + 2


async def test_what_became_of_a_delivery_is_kept_until_it_can_be_stored(
    webhooks, database, receiver, states, eventually
):
    def fail(_):
        database.error = UnavailableError("away, says the test")
        return 204

    receiver.scripts["/"] = fail
    await webhooks.trigger(SUPPLIER, "a", {})

    async def refused():
        return database.refused

    await eventually(refused, bool)
    assert await states() == ["pending"]
    database.error = None
    await eventually(states, lambda found: found == ["delivered"])
    assert len(receiver.arrivals) == 1


async def test_database_that_objects_to_one_transaction_does_not_stop_those_that_follow(
    webhooks, database, receiver, states, eventually, caplog
):
    database.error = DatabaseError("no, says the test")
    with pytest.raises(DatabaseError, match="no, says"):
        await webhooks.trigger(SUPPLIER, "a", {})
    database.error = None
    await webhooks.trigger(SUPPLIER, "b", {})
    await eventually(states, lambda found: found == ["delivered"])
    assert [arrival.json["type"] for arrival in receiver.arrivals] == ["b"]
    assert "could not store 1 messages" in caplog.text


async def test_closing_writes_what_became_of_what_was_sent(database, webhooks, receiver, states):
    await asyncio.gather(*(webhooks.trigger(SUPPLIER, "a", n) for n in range(20)))
    while len(receiver.arrivals) < 20 or webhooks.counts()["pending"]:
        await asyncio.sleep(0.001)
    await webhooks.close()
    assert await states() == ["delivered"] * 20


async def test_full_queue_takes_no_more(webhooks, receiver, monkeypatch):
    monkeypatch.setattr(dispatcher, "MOST_PENDING", 3)
    receiver.scripts["/"] = lambda _: receiver.hang()
    for _ in range(3):
        await webhooks.trigger(SUPPLIER, "a", {})
    with pytest.raises(ApiError, match="3 deliveries wait already") as refused:
        await webhooks.trigger(SUPPLIER, "a", {})
    assert (refused.value.status, refused.value.code) == (503, "queue_full")
    assert refused.value.headers == {"Retry-After": "1"}
    assert webhooks.counts()["messages"] == 3
