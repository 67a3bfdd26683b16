"""Connections to a real PostgreSQL that goes silent, by TCP, and in an operator's environment."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import asyncpg
import pytest

from tests.helpers.waiting import GENEROUS_S, SOON_S
from wedload.plan.database_places import place_of
from wedload.plan.statements import Statement
from wedload.protocols.sql.pool import Pool
from wedload.protocols.sql.port import QueryError
from wedload.protocols.sql.postgres import PostgresConnection, PostgresConnector
from wedload.safety.target_guard import LOOPBACK_ONLY

GENEROUS_NS = round(GENEROUS_S * 10**9)
SOON_NS = round(SOON_S * 10**9)


class Way:
    """A TCP port before the socket of PostgreSQL, which can go silent."""

    def __init__(self, socket):
        self._socket = socket
        self.speaking = asyncio.Event()
        self.speaking.set()
        self.tasks = set()

    async def handle(self, reader, writer):
        self.tasks.add(asyncio.current_task())
        far_reader, far_writer = await asyncio.open_unix_connection(self._socket)
        both = self._pass(reader, far_writer), self._pass(far_reader, writer)
        try:
            await asyncio.gather(*both, return_exceptions=True)
        finally:
            far_writer.close()
            writer.close()

    async def _pass(self, reader, writer):
        while piece := await reader.read(65536):
            await self.speaking.wait()
            writer.write(piece)
        writer.close()


@pytest.fixture
async def way(shop):
    directory = shop.partition("host=")[2]
    found = Way(f"{directory}/.s.PGSQL.5432")
    server = await asyncio.start_server(found.handle, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()
    for task in found.tasks:
        task.cancel()
    await asyncio.gather(*found.tasks, return_exceptions=True)


@pytest.fixture
def connector(shop, way):
    """By TCP, with the `sslmode` that is asked for; the server has no TLS."""

    def made(sslmode="prefer"):
        database = place_of(shop).database
        dsn = f"postgresql://postgres:none@127.0.0.1:{way.port}/{database}?sslmode={sslmode}"
        return PostgresConnector(replace(place_of(dsn), address="127.0.0.1"), LOOPBACK_ONLY)

    return made


@pytest.mark.parametrize("sslmode", ["prefer", "allow"])
@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PGSSLCERT", "/nowhere/postgresql.crt"),
        ("PGSSLMINPROTOCOLVERSION", "none"),
        ("PGSSLNEGOTIATION", "none"),
        ("PGTARGETSESSIONATTRS", "none"),
        ("PGGSSLIB", "none"),
    ],
)
async def test_no_variable_of_libpq_is_read(connector, monkeypatch, sslmode, variable, value):
    monkeypatch.setenv(variable, value)
    connection = await connector(sslmode).open(GENEROUS_NS)
    found = await connection.run(Statement("SELECT 1 AS a"), [], GENEROUS_NS)
    await connection.close()
    assert found.plain() == [{"a": 1}]


async def test_where_tls_is_demanded_a_server_without_it_is_no_connection(connector):
    with pytest.raises(QueryError, match="rejected SSL upgrade") as error:
        await connector("require").open(GENEROUS_NS)
    assert error.value.outcome == "connect"


async def test_a_server_that_does_not_answer_is_no_connection_and_not_a_pool_in_use(connector, way):
    way.speaking.clear()
    with pytest.raises(QueryError, match="no connection within") as error:
        await Pool(connector(), 1).take(SOON_NS)
    assert error.value.outcome == "connect"


async def test_explaining_ends_in_time_if_the_server_goes_silent(connector, way, running, comes_to):
    connection = await connector().open(GENEROUS_NS)
    sql = Statement("SELECT pg_sleep(600), 'silent'")
    explaining = asyncio.create_task(connection.explain(sql, [], 10**9))
    await comes_to(lambda: running("silent"), 1)
    way.speaking.clear()
    async with asyncio.timeout(GENEROUS_S):
        with pytest.raises(QueryError, match="no end within"):
            await explaining
    assert not connection.usable


class Confused:
    """What asyncpg does when it does not understand the server."""

    def __init__(self):
        self.ended = False

    async def prepare(self, *_args, **_options):
        raise asyncpg.ProtocolError("unexpected message")

    def terminate(self):
        self.ended = True


async def test_an_answer_that_is_not_understood_is_a_failed_query():
    confused = Confused()
    with pytest.raises(QueryError, match="unexpected message") as error:
        await PostgresConnection(confused).run(Statement("SELECT 1"), [], GENEROUS_NS)
    assert error.value.outcome == "lost"
    assert confused.ended
