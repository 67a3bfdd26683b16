"""A PostgreSQL server: its sessions, what they wait for, and what its statements cost.

One session of its own, with a time limit on each statement. Sessions and locks are those of the
whole server, commits and cache hits of the one database. asyncpg is an optional dependency, so this
module is imported for such resources only. Source: PostgreSQL, "The Cumulative Statistics System".
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import asyncpg

from wedload.metrics.levels import Level
from wedload.protocols.sql.port import QueryError
from wedload.protocols.sql.postgres import FAILURES, PostgresConnector
from wedload.resources.growth import growth
from wedload.resources.locks import LockWaits, Waiting
from wedload.resources.port import Notes, SourceError
from wedload.resources.statements import Spent, spent_since
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from wedload.plan.database_places import PostgresPlace
    from wedload.safety.target_guard import TargetGuard

_CONNECT_NS: Final = 5 * NS_PER_S
_NAME: Final = "wedload resources"
_SETTINGS: Final = {"application_name": _NAME, "statement_timeout": "2000", "lock_timeout": "500"}
_GONE: Final = (*FAILURES, asyncio.TimeoutError)

_SESSIONS: Final = """
SELECT count(*) AS connections,
  count(*) FILTER (WHERE state = 'active') AS active,
  count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
  count(*) FILTER (WHERE waits) AS waiting,
  count(*) FILTER (WHERE waits AND kind = 'Lock') AS waiting_lock,
  count(*) FILTER (WHERE waits AND kind = 'LWLock') AS waiting_lwlock,
  count(*) FILTER (WHERE waits AND kind = 'IO') AS waiting_io,
  count(*) FILTER (WHERE waits AND kind NOT IN ('Lock', 'LWLock', 'IO')) AS waiting_other,
  coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 * 1000
    AS longest_transaction,
  (SELECT count(*) FROM pg_locks WHERE NOT granted) AS lock_waits,
  count(*) FILTER (WHERE query = '<insufficient privilege>') AS hidden
FROM (
  SELECT state, xact_start, query, wait_event_type AS kind,
    state = 'active' AND wait_event_type IS NOT NULL AND wait_event_type <> 'Client' AS waits
  FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
) AS sessions"""
_DATABASE: Final = """
SELECT xact_commit, xact_rollback, blks_hit, blks_read
FROM pg_stat_database WHERE datname = current_database()"""
_LOCKS: Final = """
SELECT waits.pid, waits.locktype, pg_blocking_pids(waits.pid) AS blockers,
  CASE WHEN waits.database = own.oid THEN waits.relation::regclass::text
       WHEN waits.relation IS NOT NULL THEN waits.relation::text || ' of another database'
  END AS relation,
  (SELECT relation::regclass::text FROM pg_locks AS rows
   WHERE rows.pid = waits.pid AND rows.locktype = 'tuple' AND rows.granted
     AND rows.database = own.oid LIMIT 1) AS row_of
FROM pg_locks AS waits,
  (SELECT oid FROM pg_database WHERE datname = current_database()) AS own
WHERE NOT waits.granted LIMIT 200"""
_STATEMENTS_OF: Final = "SELECT pid, query FROM pg_stat_activity WHERE pid = ANY($1::int[])"
_EXTENSION: Final = """
SELECT quote_ident(nspname) FROM pg_extension
JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_stat_statements'"""
#: without those of the session that asks
_SPENT: Final = """
SELECT queryid, userid, max(query) AS query, sum(calls)::bigint AS calls,
  sum(total_exec_time)::float8 AS total_ms, sum(rows)::bigint AS rows
FROM {schema}.pg_stat_statements({texts})
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
GROUP BY queryid, userid"""
_NO_STATEMENTS: Final = (
    "what its statements cost is not known, as pg_stat_statements is not there: "
    "CREATE EXTENSION pg_stat_statements"
)
_HIDDEN: Final = (
    "statements of other users are not shown to this one: GRANT pg_read_all_stats TO it"
)


class _Look(NamedTuple):
    """What only grows, and when it was looked at, s."""

    at_s: float
    commits: int
    rollbacks: int
    hits: int
    reads: int


class Postgres:
    """A PostgreSQL server. A `Source`."""

    def __init__(self, place: PostgresPlace, guard: TargetGuard) -> None:
        """`place`: with the address that its host leads to."""
        settings = {**place.settings, **_SETTINGS}
        self._connector = PostgresConnector(replace(place, settings=settings), guard)
        self._session: Any = None
        self._last: _Look | None = None
        self._most_connections: float | None = None
        self._before: dict[Hashable, Spent] | None = None
        self._locks = LockWaits()
        self._notes = Notes()

    async def open(self) -> None:
        """See `Source.open`."""
        await self.close()
        try:
            self._session = await self._connector.connect(_CONNECT_NS)
            most = await self._session.fetchval("SHOW max_connections")
            self._most_connections = float(most)
            self._last = await self._look()
            if self._before is None:
                self._before = (await self._spent(texts=False))[0]
        except QueryError as error:
            raise SourceError(f"PostgreSQL cannot be reached: {error.message}") from None
        except _GONE as error:
            await self.close()
            raise SourceError(_words(error)) from None

    async def sample(self) -> Mapping[str, Level]:
        """See `Source.sample`."""
        again = self._session is None or self._session.is_closed()
        if again:
            await self.open()
        try:
            found = dict(await self._session.fetchrow(_SESSIONS))
            if found.pop("hidden"):
                self._notes.add(_HIDDEN)
            if found["lock_waits"]:
                await self._note_locks()
            before, now = self._last, await self._look()
        except _GONE as error:
            raise SourceError(_words(error)) from None
        self._last = now
        levels = {name: Level(float(value)) for name, value in found.items()}
        levels["connections"] = Level(levels["connections"].value, self._most_connections)
        if before is None or again:  # a rate over the few ms since it was opened says nothing
            return levels
        return {**levels, **_grown(before, now)}

    async def finish(self) -> Mapping[str, Any]:
        """See `Source.finish`."""
        statements: list[dict[str, Any]] = []
        if self._before is None:
            self._notes.add(_NO_STATEMENTS)
        elif self._session is not None:
            try:
                now, texts = await self._spent(texts=True)
                statements = spent_since(self._before, now or {}, texts)
            except _GONE as error:
                self._notes.add(f"what its statements cost was lost: {_words(error)}")
        else:
            self._notes.add("what its statements cost was lost: its session was gone at the end")
        return {**self._notes.report, "statements": statements, "locks": self._locks.report}

    async def close(self) -> None:
        """See `Source.close`."""
        session, self._session = self._session, None
        if session is not None:
            session.terminate()  # a farewell could take as long as it likes

    async def _look(self) -> _Look:
        row = await self._session.fetchrow(_DATABASE)
        return _Look(time.monotonic(), *row)

    async def _note_locks(self) -> None:
        waiting = [
            Waiting(
                row["pid"], row["locktype"], row["relation"], row["row_of"], tuple(row["blockers"])
            )
            for row in await self._session.fetch(_LOCKS)
        ]
        pids = sorted({pid for one in waiting for pid in one.blockers})
        rows = await self._session.fetch(_STATEMENTS_OF, pids)
        self._locks.add(waiting, {row["pid"]: row["query"] for row in rows})

    async def _spent(
        self, *, texts: bool
    ) -> tuple[dict[Hashable, Spent] | None, dict[Hashable, str]]:
        """What each statement has cost, and perhaps its text; None: nobody counts it."""
        schema = await self._session.fetchval(_EXTENSION)
        if schema is None:
            return None, {}
        query = _SPENT.format(schema=schema, texts="true" if texts else "false")
        try:
            rows = await self._session.fetch(query)
        except asyncpg.PostgresError:  # an old version of it, or one that is not preloaded
            return None, {}
        spent: dict[Hashable, Spent] = {}
        said: dict[Hashable, str] = {}
        for row in rows:
            text = row["query"] or ""
            if "pg_stat_" in text or "pg_locks" in text:
                continue  # of who samples, this one or another
            spent[row["queryid"], row["userid"]] = Spent(row["calls"], row["total_ms"], row["rows"])
            said[row["queryid"], row["userid"]] = text
        return spent, said


def _grown(before: _Look, now: _Look) -> dict[str, Level]:
    took_s = now.at_s - before.at_s
    if took_s <= 0:
        return {}
    hits = growth({0: before.hits}, {0: now.hits})
    reads = growth({0: before.reads}, {0: now.reads})
    levels = {
        "commits": Level(growth({0: before.commits}, {0: now.commits}) / took_s),
        "rollbacks": Level(growth({0: before.rollbacks}, {0: now.rollbacks}) / took_s),
    }
    if hits + reads:  # of nothing there is no share
        levels["cache_hit"] = Level(hits / (hits + reads))
    return levels


def _words(error: BaseException) -> str:
    """Why, without what differs from one time to the next, and without its address."""
    if isinstance(error, TimeoutError):
        return "PostgreSQL does not answer in time"
    if isinstance(error, asyncpg.PostgresError):
        return f"PostgreSQL says: {error.args[0] if error.args else type(error).__name__}"
    reason = getattr(error, "strerror", None) or type(error).__name__
    return f"PostgreSQL cannot be reached: {reason}"
