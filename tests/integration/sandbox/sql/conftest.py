"""A database of PostgreSQL, as steps and adapters see it and as somebody beside them does."""

from __future__ import annotations

import asyncio
import json
import os

import asyncpg
import pytest
import uvloop

from tests.helpers.waiting import GENEROUS_S
from wedload.plan.database_places import place_of
from wedload.plan.loader import parse_plan
from wedload.protocols.sql.postgres import PostgresConnector
from wedload.report.live import QuietView
from wedload.results.document import document_of
from wedload.run.options import RunOptions
from wedload.run.session import run_plan
from wedload.safety.target_guard import LOOPBACK_ONLY

SECOND_NS = 10**9


@pytest.fixture(scope="session")
def shop(cluster):
    """The DSN of a database with 20,000 suppliers, one of each name, and no index on that."""
    dsn = cluster.new_database()

    async def make():
        connection = await asyncpg.connect(dsn)
        await connection.execute(
            "CREATE TABLE suppliers (id int PRIMARY KEY, name text, price int, extra jsonb);"
            "INSERT INTO suppliers SELECT i, 'name ' || i, i % 100,"
            " jsonb_build_object('a', i) FROM generate_series(1, 20000) AS i;"
            "ANALYZE suppliers"
        )
        await connection.close()

    asyncio.run(make())
    return dsn


@pytest.fixture
async def beside(shop):
    """Who looks on: another connection to the same database."""
    connection = await asyncpg.connect(shop)
    yield connection
    await connection.close()


@pytest.fixture
async def connection(shop):
    """A connection as steps have it."""
    opened = await PostgresConnector(place_of(shop), LOOPBACK_ONLY).open(5 * SECOND_NS)
    yield opened
    await opened.close()


@pytest.fixture
def running(beside):
    """How many queries are under way at the server that have a text in them."""

    async def count(text):
        sql = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1"
        return await beside.fetchval(f"{sql} AND pid <> pg_backend_pid()", f"%{text}%")

    return count


@pytest.fixture
def comes_to():
    """Waits until a question has an answer."""

    async def wait(question, answer):
        async with asyncio.timeout(GENEROUS_S):
            while await question() != answer:
                await asyncio.sleep(0.005)

    return wait


@pytest.fixture
def cut_off(shop):
    """Waits, for a test without a loop, until no query with a text in it is at the server."""

    async def wait(text):
        connection = await asyncpg.connect(shop)
        sql = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE $1"
        async with asyncio.timeout(GENEROUS_S):
            while await connection.fetchval(f"{sql} AND pid <> pg_backend_pid()", f"%{text}%"):
                await asyncio.sleep(0.005)
        await connection.close()

    return wait


@pytest.fixture(scope="session")
def run_text(tmp_path_factory):
    """Runs a plan in this process, and its load process: the result, and the run itself."""

    def run(text, base=None, **environ):
        folder = tmp_path_factory.mktemp("plan") if base is None else base
        loaded = parse_plan(text, file="plan.toml", base=folder)
        options = RunOptions(seed=1, workers=1)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            found = runner.run(run_plan(loaded, options, QuietView(), {**os.environ, **environ}))
        return json.loads(json.dumps(document_of(found)))

    return run
