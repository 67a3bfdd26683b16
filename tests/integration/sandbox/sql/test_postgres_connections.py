"""Connections to a real PostgreSQL: what comes back, what fails, what the server is left with."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from tests.helpers.waiting import SOON_S
from wedload.plan.database_places import place_of
from wedload.plan.statements import Statement
from wedload.protocols.sql.port import QueryError
from wedload.protocols.sql.postgres import PostgresConnector
from wedload.results.query_plan import culprit_of
from wedload.safety.target_guard import LOOPBACK_ONLY

GENEROUS_NS = 30 * 10**9
SOON_NS = round(SOON_S * 10**9)
BY_NAME = Statement("SELECT id FROM suppliers WHERE name = $1")


async def run(connection, sql, *params, timeout_ns=GENEROUS_NS):
    return await connection.run(Statement(sql), params, timeout_ns)


async def test_rows_are_objects_of_plain_values(connection):
    found = await run(
        connection,
        "SELECT $1::date AS d, $2::uuid AS u, $3::numeric AS n, $4::int[] AS l, extra,"
        " null AS nothing FROM suppliers WHERE id = $5",
        "2027-06-19", "12345678-1234-5678-1234-567812345678", 10.5, [1, 2], 7,
    )  # fmt: skip
    assert found.plain() == [
        {
            "d": "2027-06-19", "u": "12345678-1234-5678-1234-567812345678", "n": 10.5, "l": [1, 2],
            "extra": {"a": 7}, "nothing": None,
        }
    ]  # fmt: skip
    assert found.row_count == 1


async def test_json_is_read_by_column_and_with_numbers_of_any_size(connection):
    found = await run(connection, """SELECT '1'::text AS a, '{"n": [1e400, 2.5]}'::json AS b""")
    assert found.plain() == [{"a": "1", "b": {"n": ["1e400", 2.5]}}]
    found = await run(connection, "SELECT '{}'::json AS a, 'no json' AS a")
    assert found.plain() == [{"a": "no json"}]


async def test_rows_that_were_changed_are_counted(connection):
    await run(connection, "CREATE TEMPORARY TABLE changed (a int)")
    assert (
        await run(connection, "INSERT INTO changed SELECT generate_series(1, 7)")
    ).row_count == 7
    assert (await run(connection, "UPDATE changed SET a = 0 WHERE a > $1", 4)).row_count == 3
    returned = await run(connection, "DELETE FROM changed WHERE a = 0 RETURNING a")
    assert (returned.row_count, returned.plain()) == (3, [{"a": 0}] * 3)
    assert (await run(connection, "SELECT a FROM changed WHERE a > 100")).row_count == 0


FAILING = [
    ("SELEC 1", (), "syntax", "(42601)"),
    ("SELECT * FROM nowhere", (), "syntax", "does not exist"),
    ("INSERT INTO suppliers (id) VALUES ($1)", (1,), "constraint", "suppliers_pkey"),
    ("SELECT 1 / $1::int", (0,), "data", "division by zero"),
    ("SELECT $1::int", ("many",), "data", "$1 is of type int4, and its value is not"),
    ("SELECT $1::date, $2::date", ("2027-06-19", "soon"), "data", "$2 is of type date"),
    ("SELECT pg_terminate_backend(pg_backend_pid())", (), "lost", ""),
]


@pytest.mark.parametrize(("sql", "params", "outcome", "said"), FAILING)
async def test_a_failure_has_an_outcome_and_says_why(connection, sql, params, outcome, said):
    with pytest.raises(QueryError) as error:
        await run(connection, sql, *params)
    assert error.value.outcome == outcome, error.value
    assert said in error.value.message


async def test_details_in_which_the_database_quotes_values_are_not_told(connection):
    with pytest.raises(QueryError) as error:
        await run(connection, "INSERT INTO suppliers (id) VALUES (17)")
    assert "17" not in error.value.message.replace("23505", "")


async def test_a_lost_connection_is_not_usable_any_more(connection):
    assert connection.usable
    with pytest.raises(QueryError):
        await run(connection, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert not connection.usable


async def test_a_statement_goes_on_when_its_table_has_changed(connection, beside):
    await beside.execute("CREATE TABLE growing (a int); INSERT INTO growing VALUES (1)")
    try:
        assert (await run(connection, "SELECT * FROM growing")).plain() == [{"a": 1}]
        await beside.execute("ALTER TABLE growing ADD COLUMN b int DEFAULT 2")
        assert (await run(connection, "SELECT * FROM growing")).plain() == [{"a": 1, "b": 2}]
    finally:
        await beside.execute("DROP TABLE growing")


async def test_a_statement_that_was_cut_off_as_it_was_prepared_can_be_run_again(connection, beside):
    await beside.execute("BEGIN; LOCK TABLE suppliers")
    for _ in range(2):
        with pytest.raises(QueryError, match="no end within"):
            await run(connection, "SELECT count(*) FROM suppliers", timeout_ns=SOON_NS)
    await beside.execute("ROLLBACK")
    found = await run(connection, "SELECT count(*) AS n FROM suppliers")
    assert found.plain() == [{"n": 20_000}]


async def test_a_query_that_is_out_of_time_is_cancelled_at_the_server(
    connection, running, comes_to
):
    with pytest.raises(QueryError) as error:
        await run(connection, "SELECT pg_sleep(600), 'out of time'", timeout_ns=SOON_NS)
    assert error.value.outcome == "timeout"
    await connection.settle()
    await comes_to(lambda: running("out of time"), 0)
    assert connection.usable
    assert (await run(connection, "SELECT 1 AS a")).plain() == [{"a": 1}]


async def test_a_query_that_nobody_waits_for_any_more_is_cancelled_at_the_server(
    connection, running, comes_to
):
    waiting = asyncio.create_task(run(connection, "SELECT pg_sleep(600), 'unwanted'"))
    await comes_to(lambda: running("unwanted"), 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await connection.settle()
    await comes_to(lambda: running("unwanted"), 0)
    assert (await run(connection, "SELECT 1 AS a")).plain() == [{"a": 1}]


async def test_without_an_index_the_culprit_is_the_scan_and_with_it_it_is_not(connection, beside):
    plan = await connection.explain(BY_NAME, ["name 4711"], GENEROUS_NS)
    found = culprit_of(plan)
    assert (found.kind, found.relation) == ("Seq Scan", "suppliers")
    assert (found.rows, found.removed) == (1, 19_999)
    assert found.blocks > 0
    assert "an index for its filter would spare it" in found.words
    await beside.execute("CREATE INDEX by_name ON suppliers (name)")
    try:
        plan = await connection.explain(BY_NAME, ["name 4711"], GENEROUS_NS)
    finally:
        await beside.execute("DROP INDEX by_name")
    assert culprit_of(plan).kind in {"Index Scan", "Bitmap Heap Scan", "Bitmap Index Scan"}


async def test_explaining_changes_nothing_even_by_a_function_that_would(connection, beside):
    await beside.execute(
        "CREATE OR REPLACE FUNCTION raise_prices() RETURNS int LANGUAGE sql AS"
        " 'UPDATE suppliers SET price = price + 1 RETURNING 1'"
    )
    before = await beside.fetchval("SELECT sum(price) FROM suppliers")
    with pytest.raises(QueryError) as error:
        await connection.explain(Statement("SELECT raise_prices()"), [], GENEROUS_NS)
    assert error.value.outcome == "read_only"
    assert await beside.fetchval("SELECT sum(price) FROM suppliers") == before
    assert (await run(connection, "SELECT 1 AS a")).plain() == [{"a": 1}]


async def test_explaining_takes_no_longer_than_it_may(connection):
    with pytest.raises(QueryError) as error:
        await connection.explain(Statement("SELECT pg_sleep(600)"), [], SOON_NS)
    assert error.value.outcome in {"timeout", "cancelled"}


async def test_settings_of_the_url_are_those_of_the_session(shop):
    place = place_of(f"{shop}&search_path=elsewhere&application_name=me")
    connection = await PostgresConnector(place, LOOPBACK_ONLY).open(GENEROUS_NS)
    sql = "SELECT current_setting('search_path') AS a, current_setting('application_name') AS b"
    found = await run(connection, sql)
    await connection.close()
    assert found.plain() == [{"a": "elsewhere", "b": "me"}]


async def test_a_database_that_is_not_there_is_no_connection(shop):
    place = replace(place_of(shop), database="nowhere")
    with pytest.raises(QueryError, match="does not exist") as error:
        await PostgresConnector(place, LOOPBACK_ONLY).open(GENEROUS_NS)
    assert error.value.outcome == "connect"
