"""What is told on the bus of a platform that really stores submissions."""

from __future__ import annotations

import asyncio
from random import Random
from types import SimpleNamespace

import pytest
from aiohttp.test_utils import TestServer

from wedload.sandbox.app import build_app
from wedload.sandbox.auth import Sessions
from wedload.sandbox.call import Platform
from wedload.sandbox.events import Events
from wedload.sandbox.faults.database import FaultyDatabase
from wedload.sandbox.faults.endpoints import Control
from wedload.sandbox.faults.outage import Outage
from wedload.sandbox.faults.timeline import Faults
from wedload.sandbox.journeys import Journeys
from wedload.sandbox.rate_limit import RateLimit
from wedload.sandbox.realtime.quota import Quotas
from wedload.sandbox.realtime.service import Realtime
from wedload.sandbox.runs import Runs
from wedload.sandbox.setup import Wanted, set_up
from wedload.sandbox.storage import open_database
from wedload.sandbox.tally import Tally
from wedload.sandbox.third_parties.options import ThirdPartyOptions
from wedload.sandbox.third_parties.outbox import Outbox
from wedload.sandbox.third_parties.parties import CLOCK, ThirdParties
from wedload.sandbox.weakness import Weaknesses
from wedload.sandbox.webhook_outbox import Sending
from wedload.sandbox.webhook_schedule import Schedule
from wedload.sandbox.webhooks import Webhooks


@pytest.fixture
async def told():
    """What the bus tells, in order."""
    return []


@pytest.fixture
async def visitor_of_the_bus(visit, told, keys):
    async with open_database(None) as sound:
        await set_up(sound, Wanted(10, 1))
        faults = Faults(CLOCK, Random(1))
        database = FaultyDatabase(sound, faults)
        parties = ThirdParties(ThirdPartyOptions(), 1)
        events = Events()
        events.subscribe(told.append)
        journeys = Journeys(database, events)
        webhooks = Webhooks(database, Sending(Schedule(()), 1, 15), Weaknesses())
        sessions = Sessions(keys, 60, RateLimit(0))
        platform = Platform(
            database=database,
            sessions=sessions,
            journeys=journeys,
            webhooks=webhooks,
            events=events,
            weaknesses={},
            realtime=Realtime(sessions, events, Weaknesses(), Quotas(), silence_s=60),
            third_parties=parties,
            outbox=Outbox(database, parties),
            faults=Control(None, faults, Outage(faults, lambda _: None)),
            runs=Runs(),
            tally=Tally(),
        )
        app = build_app(platform, {})
        worker = asyncio.create_task(journeys.run())
        async with TestServer(app) as server:
            yield visit(SimpleNamespace(url=str(server.make_url("")).rstrip("/")))
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def test_submission_is_told_once_it_is_stored_and_then_its_journey(
    visitor_of_the_bus, told, eventually
):
    visitor = visitor_of_the_bus
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    form = await supplier.create_form()
    await couple.connect(form)
    submission = (await couple.submit(form)).body["id"]

    async def so_far():
        return list(told)

    created, started = await eventually(so_far, lambda events: len(events) == 2)
    assert (created.type, started.type) == ("submission.created", "journey.started")
    assert (created.subject, started.subject) == (submission, submission)
    assert {created.supplier_id, started.supplier_id} == {supplier.id}
    whose = {"form_id": form, "supplier_id": supplier.id, "couple_id": couple.id}
    assert created.row.items() >= {"id": submission, **whose}.items()
    assert started.row.items() >= {"submission_id": submission, "state": "running", **whose}.items()
    assert created.row["created_at"] <= started.row["started_at"]


async def test_what_is_refused_is_not_told(visitor_of_the_bus, told):
    visitor = visitor_of_the_bus
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    form = await supplier.create_form()
    assert (await couple.submit(form)).status == 403
    await couple.connect(form)
    assert (await couple.submit(form, {"unknown": 1})).status == 422
    assert told == []
