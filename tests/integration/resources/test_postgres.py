"""A real PostgreSQL: a lock held by one session, waited for by others, and what was spent."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import pytest

from tests.helpers.waiting import GENEROUS_S
from wedload.plan.database_places import place_of
from wedload.resources.port import SourceError
from wedload.resources.postgres import Postgres
from wedload.safety.target_guard import LOOPBACK_ONLY

HOLDS = "UPDATE bookings SET state = 'held by me' WHERE id = 7"


@pytest.fixture
def dsn(cluster):
    return cluster.new_database()


@asynccontextmanager
async def sessions(dsn, number):
    found = [await asyncpg.connect(dsn) for _ in range(number)]
    try:
        yield found
    finally:
        for one in found:
            one.terminate()


async def ready(dsn):
    """A table with rows, and the source that has looked at it once."""
    session = await asyncpg.connect(dsn)
    await session.execute("CREATE TABLE bookings (id int PRIMARY KEY, state text)")
    await session.execute("INSERT INTO bookings SELECT n, 'new' FROM generate_series(1, 9) n")
    await session.execute("CREATE EXTENSION pg_stat_statements")
    await session.close()
    source = Postgres(place_of(dsn), LOOPBACK_ONLY)
    await source.open()
    return source


async def sampled(source, holds):
    """Sample until something holds of it: when sessions wait, the server alone knows."""
    async with asyncio.timeout(GENEROUS_S):
        while True:
            levels = {name: one.value for name, one in (await source.sample()).items()}
            if holds(levels):
                return levels
            await asyncio.sleep(0.02)


def run(dsn, do):
    async def all_of_it():
        source = await ready(dsn)
        try:
            return await do(source)
        finally:
            await source.close()

    return asyncio.run(all_of_it())


def test_lock_its_object_and_the_statement_of_its_holder_are_known(dsn):
    async def do(source):
        async with sessions(dsn, 3) as (holder, first, second):
            await holder.execute("BEGIN")
            await holder.execute(HOLDS)
            waiting = [
                asyncio.create_task(one.execute("UPDATE bookings SET state = 'x' WHERE id = 7"))
                for one in (first, second)
            ]
            levels = await sampled(source, lambda found: found["lock_waits"] == 2)
            await holder.execute("COMMIT")
            await asyncio.gather(*waiting)
            return levels, await source.finish()

    levels, report = run(dsn, do)

    assert (levels["waiting"], levels["waiting_lock"], levels["active"]) == (2, 2, 2)
    assert levels["idle_in_transaction"] == 1
    assert levels["connections"] >= 3
    assert levels["longest_transaction"] > 0
    (lock,) = report["locks"]
    assert lock["what"] == "row of bookings"
    assert lock["holder"] == "UPDATE bookings SET state = ? WHERE id = ?"
    assert lock["most"] == 2
    assert "held by me" not in str(report)


def test_lock_of_a_table_is_told_by_its_name(dsn):
    async def do(source):
        async with sessions(dsn, 2) as (holder, waiter):
            await holder.execute("BEGIN")
            await holder.execute("LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE")
            waiting = asyncio.create_task(waiter.execute("SELECT * FROM bookings"))
            await sampled(source, lambda found: found["lock_waits"] == 1)
            await holder.execute("ROLLBACK")
            await waiting
            return await source.finish()

    report = run(dsn, do)

    assert [(one["what"], one["holder"]) for one in report["locks"]] == [
        ("relation bookings", "LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE")
    ]


def test_what_statements_cost_during_the_load_is_told_and_none_of_before(dsn):
    async def do(source):
        async with sessions(dsn, 1) as (session,):
            for number in range(5):
                await session.execute(f"SELECT * FROM bookings WHERE id > {number} AND state = 'n'")
            return await source.finish()

    found = {one["text"]: one for one in run(dsn, do)["statements"]}

    assert found["SELECT * FROM bookings WHERE id > $1 AND state = $2"]["calls"] == 5
    assert not any(text.startswith(("INSERT", "CREATE TABLE")) for text in found)


def test_without_the_extension_that_is_said(dsn):
    async def do():
        source = Postgres(place_of(dsn), LOOPBACK_ONLY)
        await source.open()
        report = await source.finish()
        await source.close()
        return report

    report = asyncio.run(do())

    assert report["statements"] == []
    assert report["notes"] == [
        (
            "what its statements cost is not known, as pg_stat_statements is not there: CREATE "
            "EXTENSION pg_stat_statements"
        )
    ]


def test_connections_have_the_servers_limit_and_a_share_of_blocks_was_in_memory(dsn):
    async def do(source):
        async with sessions(dsn, 1) as (session,):
            for _ in range(5):
                await session.execute("SELECT count(*) FROM bookings")
        levels = await source.sample()
        return levels["connections"].capacity, source._last

    capacity, last = run(dsn, do)

    assert capacity == 200
    assert last.commits > 0


def test_session_that_was_ended_is_opened_again(cluster, dsn):
    name = dsn.partition("/@/")[2] or dsn.rpartition("@/")[2].partition("?")[0]

    async def do(source):
        cluster.drop_connections(name)
        said = []
        async with asyncio.timeout(GENEROUS_S):
            while True:
                try:
                    levels = await source.sample()
                except SourceError as error:
                    said.append(str(error))
                else:
                    return said, levels

    said, levels = run(dsn, do)

    assert levels["connections"].value >= 0
    assert all(one.startswith("PostgreSQL") for one in said)


def test_server_that_is_not_there_says_so_without_its_password():
    place = replace(place_of("postgresql://me:s3cret@127.0.0.1:1/x"), address="127.0.0.1")
    source = Postgres(place, LOOPBACK_ONLY)

    with pytest.raises(SourceError, match="PostgreSQL cannot be reached") as raised:
        asyncio.run(source.open())

    assert "s3cret" not in str(raised.value)
