"""PostgreSQL through asyncpg: statements are prepared once a connection, as drivers do.

asyncpg is an extra (`postgres`), so that this module is imported only for a plan that has such a
database. What asyncpg would read of its own accord – environment, password files – it is not let.
"""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import asyncpg
import orjson

from wedload.protocols.sql.outcomes import OTHER, of_sqlstate
from wedload.protocols.sql.port import QueryError
from wedload.protocols.sql.postgres_tls import asks_for_other_way, ways_of
from wedload.protocols.sql.values import converter, json_in, plain
from wedload.safety.target_guard import BlockedAddressError
from wedload.units import NS_PER_MS, NS_PER_S, format_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.plan.database_places import PostgresPlace
    from wedload.plan.statements import Statement
    from wedload.safety.target_guard import TargetGuard

_JSON: Final = frozenset({"json", "jsonb"})
#: what asyncpg raises when something is wrong with a query, the server or the way there
FAILURES: Final = (
    OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError,
)  # fmt: skip
#: how long what was cut off may take to be over at the server, s; then its connection is ended
_SETTLE_S: Final = 5.0
_CLOSE_S: Final = 2.0


class PostgresConnector:
    """Connects to a database, where the guard allows it. A `Connector`."""

    def __init__(self, place: PostgresPlace, guard: TargetGuard) -> None:
        self._place = place
        self._guard = guard
        self._ways = ways_of(place)

    async def open(self, timeout_ns: int) -> PostgresConnection:
        """See `Connector.open`."""
        # statements are prepared once, by the connection
        return PostgresConnection(await self.connect(timeout_ns, statement_cache_size=0))

    async def connect(self, timeout_ns: int, **options: Any) -> Any:
        """The connection as asyncpg has it.

        Raises:
            QueryError: there is none.
        """
        place = self._place
        try:
            if not place.is_local:
                self._guard.require_allowed(place.address, place.host)
            async with asyncio.timeout(timeout_ns / NS_PER_S):
                return await self._connected(options)
        except TimeoutError:
            message = f"no connection within {format_duration_ns(timeout_ns)}"
            raise QueryError("connect", message) from None
        except BlockedAddressError as error:
            raise QueryError("connect", str(error)) from None
        except (ValueError, *FAILURES) as error:
            raise QueryError("connect", _told(error)) from None

    async def _connected(self, options: dict[str, Any]) -> Any:
        first, *others = self._ways
        try:
            return await self._connected_by(first, options)
        except (OSError, asyncpg.PostgresError) as error:
            if not others or not asks_for_other_way(error):
                raise
        return await self._connected_by(others[0], options)

    async def _connected_by(self, tls: Any, options: dict[str, Any]) -> Any:
        place = self._place
        return await asyncpg.connect(
            host=place.host if place.is_local else place.address,
            port=place.port,
            user=place.user,
            password=place.password,  # if none, an empty one: no password file is looked for
            database=place.database,
            ssl=tls,
            # said, so that no variable of libpq's is asked
            direct_tls=False,
            target_session_attrs="any",
            krbsrvname="postgres",
            gsslib="gssapi",
            server_settings=place.settings,
            **options,
        )


class _Prepared(NamedTuple):
    """A statement on one connection."""

    statement: Any  # of asyncpg
    converters: list[Callable[[Any], Any]]  # of its parameters
    json_columns: frozenset[int]


class _Found:
    """Rows of PostgreSQL. A `Found`."""

    __slots__ = ("_json_columns", "_records", "row_count")

    def __init__(self, records: list[Any], json_columns: frozenset[int], row_count: int) -> None:
        self._records = records
        self._json_columns = json_columns
        self.row_count = row_count

    def plain(self) -> list[dict[str, Any]]:
        """See `Found.plain`."""
        return [
            {
                name: json_in(value)
                if column in self._json_columns and isinstance(value, str)
                else _plain(value)
                for column, (name, value) in enumerate(record.items())
            }
            for record in self._records
        ]


class PostgresConnection:
    """A connection to a database. A `Connection`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._prepared: dict[str, _Prepared] = {}
        self._numbers = count(1)

    @property
    def usable(self) -> bool:
        """See `Connection.usable`."""
        return not self._connection.is_closed()

    async def run(self, statement: Statement, params: Sequence[Any], timeout_ns: int) -> _Found:
        """See `Connection.run`: asyncpg asks the server to cancel what is cut off."""
        try:
            async with asyncio.timeout(timeout_ns / NS_PER_S):
                try:
                    prepared, records = await self._fetch(statement.text, params)
                except asyncpg.InvalidCachedStatementError:  # its tables have changed meanwhile
                    del self._prepared[statement.text]
                    prepared, records = await self._fetch(statement.text, params)
        except TimeoutError:
            message = f"no end within {format_duration_ns(timeout_ns)}"
            raise QueryError("timeout", message) from None
        except FAILURES as error:
            if isinstance(error, asyncpg.InternalClientError):  # who knows in which state it is
                self.terminate()
            raise QueryError(_outcome(error), _told(error)) from None
        changed = _changed(prepared.statement.get_statusmsg()) if not records else None
        return _Found(records, prepared.json_columns, len(records) if changed is None else changed)

    async def explain(
        self, statement: Statement, params: Sequence[Any], timeout_ns: int
    ) -> list[Any]:
        """See `Connection.explain`: in a transaction that may only read, and is rolled back.

        Out of time, the connection is ended, and the transaction with it: a rollback might wait
        for a server that does not answer any more.
        """
        over = False
        try:
            async with asyncio.timeout(timeout_ns / NS_PER_S):
                prepared = await self._prepare(statement.text)
                values = _converted(prepared, params)
                transaction = self._connection.transaction(readonly=True)
                await transaction.start()
                limit_ms = max(1, timeout_ns // NS_PER_MS)
                await self._connection.execute(f"SET LOCAL statement_timeout = {limit_ms}")
                asked = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.text}"
                found: Any = None
                refused: asyncpg.PostgresError | None = None
                try:
                    found = await self._connection.fetchval(asked, *values)
                except asyncpg.PostgresError as error:
                    refused = error
                if self.usable:
                    await transaction.rollback()
                    over = True
                if refused is not None:
                    raise refused
        except TimeoutError:
            message = f"no end within {format_duration_ns(timeout_ns)}"
            raise QueryError("timeout", message) from None
        except FAILURES as error:
            raise QueryError(_outcome(error), _told(error)) from None
        finally:
            if not over:
                self.terminate()
        plan: list[Any] = orjson.loads(found)
        return plan

    async def settle(self) -> None:
        """See `Connection.settle`: what comes next waits until the server is through with it."""
        try:
            await self._connection.execute("SELECT 1", timeout=_SETTLE_S)
        except FAILURES:
            self.terminate()

    async def close(self) -> None:
        """See `Connection.close`."""
        try:
            await self._connection.close(timeout=_CLOSE_S)
        except FAILURES:
            self.terminate()
        await asyncio.sleep(0)  # what was lost or ended closes its socket on the loop's next turn

    def terminate(self) -> None:
        """See `Connection.terminate`."""
        self._connection.terminate()

    async def _fetch(self, sql: str, params: Sequence[Any]) -> tuple[_Prepared, list[Any]]:
        prepared = self._prepared.get(sql)
        if prepared is None:
            prepared = self._prepared[sql] = await self._prepare(sql)
        return prepared, await prepared.statement.fetch(*_converted(prepared, params))

    async def _prepare(self, sql: str) -> _Prepared:
        # a name that was never used: one that was cut off may be there at the server
        name = f"wedload_{next(self._numbers)}"
        statement = await self._connection.prepare(sql, name=name)
        return _Prepared(
            statement,
            [converter(one.name) for one in statement.get_parameters()],
            frozenset(
                column
                for column, one in enumerate(statement.get_attributes())
                if one.type.name in _JSON
            ),
        )


def _converted(prepared: _Prepared, params: Sequence[Any]) -> list[Any]:
    """The parameters as the statement's types want them.

    Raises:
        QueryError: one of them is of no such type.
    """
    values: list[Any] = []
    for convert, value in zip(prepared.converters, params, strict=False):
        try:
            values.append(convert(value))
        except (TypeError, ValueError, OverflowError):
            types = prepared.statement.get_parameters()
            message = (
                f"${len(values) + 1} is of type {types[len(values)].name}, and its value is not"
            )
            raise QueryError("data", message) from None
    return values


def _changed(status: str | None) -> int | None:
    """How many rows a statement changed: `UPDATE 3`, `INSERT 0 1`; None: it says nothing of it."""
    last = (status or "").rpartition(" ")[2]
    return int(last) if last.isdigit() else None


def _outcome(error: Exception) -> str:
    if isinstance(
        error, OSError | asyncpg.ConnectionDoesNotExistError | asyncpg.InternalClientError
    ):
        return "lost"
    if isinstance(error, asyncpg.PostgresError):
        return of_sqlstate(error.sqlstate)
    return "data" if isinstance(error, ValueError) else OTHER  # of asyncpg's own, about parameters


def _told(error: Exception) -> str:
    """What went wrong, without the details, in which the database quotes values."""
    if isinstance(error, asyncpg.PostgresError):
        message = getattr(error, "message", None) or str(error)
        return f"{message} ({error.sqlstate})" if error.sqlstate else str(message)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).partition("\n")[0] or type(error).__name__


def _plain(value: Any) -> Any:
    """The same as `plain`; composite values are objects."""
    if isinstance(value, asyncpg.Record):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return plain(value)
