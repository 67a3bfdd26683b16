"""Connections to a real SQLite file: what becomes of queries that are cut off, and of the pool."""

from __future__ import annotations

import asyncio
import sqlite3
import threading

import pytest

from wedload.plan.database_places import SqlitePlace
from wedload.plan.statements import Statement
from wedload.protocols.sql import sqlite
from wedload.protocols.sql.pool import Pool
from wedload.protocols.sql.port import QueryError
from wedload.protocols.sql.sqlite import SqliteConnector

GENEROUS_NS = 30 * 10**9
BUSY_NS = 2 * 10**9
FOR_EVER = Statement(
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
)


@pytest.fixture
def file(tmp_path):
    made = sqlite3.connect(tmp_path / "shop.db")
    made.execute("CREATE TABLE t (a)")
    made.close()
    return str(tmp_path / "shop.db")


@pytest.fixture
def connector(file):
    return SqliteConnector(SqlitePlace(file))


@pytest.fixture
def locked(file):
    """Somebody else who writes, and does not come to an end."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield other
    other.close()


async def cut_off(connection, statement, timeout_ns=GENEROUS_NS, turns=2, after_s=0.0):
    """A query that nobody waits for any more, so many turns of the loop after it was begun."""
    waiting = asyncio.create_task(connection.run(statement, [], timeout_ns))
    for _ in range(turns):
        await asyncio.sleep(after_s)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize("turns", [1, 2, 5])
async def test_a_query_ends_that_is_cut_off_before_it_has_begun(connector, turns):
    connection = await connector.open(GENEROUS_NS)
    held = threading.Event()
    connection._thread.submit(held.wait)  # so that the interrupt surely comes first
    await cut_off(connection, FOR_EVER, turns=turns)
    held.set()
    await connection.settle()
    assert connection.usable  # it was over, and was not given up
    found = await connection.run(Statement("SELECT 1 AS a"), [], GENEROUS_NS)
    await connection.close()
    assert found.plain() == [{"a": 1}]


async def test_a_query_that_is_out_of_time_before_it_has_begun_is_a_time_out(connector):
    connection = await connector.open(GENEROUS_NS)
    held = threading.Event()
    connection._thread.submit(held.wait)
    waiting = asyncio.create_task(connection.run(FOR_EVER, [], 10**6))
    await asyncio.wait([waiting], timeout=0.05)
    held.set()
    with pytest.raises(QueryError, match="no end within") as error:
        await waiting
    await connection.close()
    assert error.value.outcome == "timeout"


async def test_a_pool_is_closed_while_a_query_waits_for_a_lock(connector, locked):
    pool = Pool(connector, 2)
    await pool.fill(GENEROUS_NS)
    connection = await pool.take(GENEROUS_NS)
    await cut_off(connection, Statement("INSERT INTO t VALUES (1)"), BUSY_NS, after_s=0.05)
    pool.give_back_settled(connection)
    await asyncio.sleep(0)
    await pool.close()
    assert not connection.usable
    connection._thread.shutdown(wait=True)
    locked.execute("COMMIT")
    assert locked.execute("SELECT count(*) FROM t").fetchone() == (0,)


async def test_what_does_not_come_to_an_end_makes_room_for_another(connector, monkeypatch):
    monkeypatch.setattr(sqlite, "_SETTLE_S", 0.01)
    pool = Pool(connector, 1)
    first = await pool.take(GENEROUS_NS)
    held = threading.Event()
    first._thread.submit(held.wait)
    await cut_off(first, Statement("SELECT 1"))
    pool.give_back_settled(first)
    other = await pool.take(GENEROUS_NS)
    assert other is not first
    assert not first.usable
    held.set()
    pool.give_back(other)
    await pool.close()
    first._thread.shutdown(wait=True)


async def test_a_connection_can_be_ended_twice(connector):
    for second in ("close", "terminate"):
        connection = await connector.open(GENEROUS_NS)
        connection.terminate()
        assert not connection.usable
        ended = getattr(connection, second)()
        if ended is not None:
            await ended
