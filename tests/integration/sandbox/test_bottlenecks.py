"""Bottlenecks that the sandbox has on purpose, most of them in a real PostgreSQL."""

from __future__ import annotations

import asyncio
import secrets

import asyncpg
import pytest

from tests.helpers.span_receiver import SpanReceiver
from tests.helpers.waiting import GENEROUS_S, until

FEW = ("--suppliers", "20", "--rate-limit", "0")


@pytest.fixture
async def ask(cluster):
    """A database, and what its own tables say."""
    dsn = cluster.new_database()
    connection = await asyncpg.connect(dsn)

    async def fetch(sql):
        return [tuple(row) for row in await connection.fetch(sql)]

    fetch.dsn = dsn
    yield fetch
    await connection.close()


INDEXES = "SELECT indexname FROM pg_indexes WHERE schemaname = 'wedload_sandbox'"


async def test_an_index_is_left_out_and_the_next_start_has_it_again(start, ask):
    left_out = ("--without-index", "suppliers_text", "--without-index", "suppliers_place")
    start(*FEW, "--dsn", ask.dsn, *left_out).stop()
    names = {name for (name,) in await ask(INDEXES)}
    assert {"suppliers_text", "suppliers_place"} & names == set()
    assert "suppliers_category" in names

    start(*FEW, "--dsn", ask.dsn).stop()
    assert {name for (name,) in await ask(INDEXES)} == names | {"suppliers_text", "suppliers_place"}


async def test_a_renewed_catalogue_has_all_its_rows_and_indexes(start, ask):
    start("--dsn", ask.dsn, "--suppliers", "20").stop()
    names = await ask(INDEXES)
    start("--dsn", ask.dsn, "--suppliers", "5001").stop()  # more than one part
    assert await ask("SELECT count(*), max(id) FROM wedload_sandbox.suppliers") == [(5001, 5001)]
    assert await ask("SELECT count(*) FROM wedload_sandbox.ratings") == [(5001,)]
    assert set(await ask(INDEXES)) == set(names)


async def test_a_job_locks_a_table_longer_the_more_is_written_and_the_database_shows_it(
    start, visit, ask
):
    server = start(*FEW, "--dsn", ask.dsn, "--lock", "submissions=150ms")
    visitor = visit(server)
    supplier, couple = [await visitor.sign_in(role) for role in ("supplier", "couple")]
    form = await supplier.create_form()
    await couple.connect(form)
    waiting = (
        "SELECT w.query, h.query FROM pg_stat_activity w"
        " JOIN pg_stat_activity h ON h.pid = ANY (pg_blocking_pids(w.pid))"
        " WHERE w.wait_event_type = 'Lock' AND w.query LIKE 'INSERT INTO submissions%'"
        " AND h.query LIKE 'SELECT pg_sleep($1)%with submissions locked'"
    )

    async def look():
        while not await ask(waiting):
            pass

    looking = asyncio.create_task(look())
    answers = []
    async with asyncio.timeout(GENEROUS_S):
        while not looking.done():
            answers.append(await couple.submit(form))
    await looking

    assert {answer.status for answer in answers} == {201}  # they wait, and no more


async def test_no_more_connections_are_opened_than_the_pool_may_have(start, visit, ask):
    server = start(*FEW, "--dsn", ask.dsn, "--pool-size", "2")
    couple = await visit(server).sign_in("couple")

    answers = await asyncio.gather(*(couple.get("/api/suppliers/search") for _ in range(20)))

    assert {answer.status for answer in answers} == {200}
    open_ones = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'wedload sandbox'"
    )
    assert await ask(open_ones) == [(2,)]


async def test_an_endpoint_computes_and_its_span_says_where(start, visit):
    receiver = SpanReceiver()
    burn = ("--burn", "GET /api/suppliers/search=20ms", "--otlp-endpoint", receiver.url)
    trace = secrets.token_hex(16)
    try:
        visitor = visit(start(*FEW, *burn))
        couple = await visitor.sign_in("couple")
        traceparent = f"00-{trace}-{secrets.token_hex(8)}-01"
        await couple.get("/api/suppliers/search", headers={"traceparent": traceparent})
        await until(lambda: receiver.of(trace, "GET /api/suppliers/search"))
    finally:
        receiver.close()
    (render,) = receiver.of(trace, "render")
    assert (render.kind, render.peer) == ("internal", None)
    assert render.lasted_ms >= 20


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--lock", "forms=5ms"), "--lock needs PostgreSQL, as SQLite has no locks of tables"),
        (("--without-index", "suppliers_text"), "suppliers_text is no index on sqlite; there are:"),
        (("--burn", "GET /nowhere=5ms"), "GET /nowhere is no endpoint"),
    ],
)
def test_what_there_is_not_is_refused(given, said, start):
    with pytest.raises(pytest.fail.Exception, match=said):
        start(*given)
