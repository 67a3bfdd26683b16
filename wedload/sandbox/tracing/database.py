"""A database whose transactions are told of, where a request is traced: the port, around another.

A transaction yields its statements and is sent their rows, so that one around it sees when each
begins and ends, whichever database runs it. Knows no adapter and no OpenTelemetry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Generic, TypeVar

from .scope import Happened, now_ns, scope_now
from .statements import name_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from ..database import Database, Row, Start, Statement, Transaction
    from ..dialect import Dialect
    from .scope import Scope

T = TypeVar("T")

#: what a transaction waits for before its first statement: a connection, or the thread that has one
WAIT: Final = "wait for a connection"
# What is before a transaction's first statement and after its last row, by database. A connection
# is made good again before somebody else has it; what a thread took together comes back together.
_BEFORE_WRITING: Final = {"postgresql": "BEGIN"}
_AFTER_READING: Final = {"postgresql": "RESET", "sqlite": "wait for the batch"}
_COMMIT: Final = {"postgresql": "COMMIT", "sqlite": "COMMIT"}


class TracedDatabase:
    """Tells of every transaction within a request that is traced; all others pass."""

    def __init__(self, sound: Database) -> None:
        self._sound = sound

    @property
    def dialect(self) -> Dialect:
        """See the port."""
        return self._sound.dialect

    async def read(self, start: Start[T]) -> T:
        """See the port."""
        scope = scope_now()
        if scope is None:
            return await self._sound.read(start)
        return await _watched(
            scope, self._sound.read, _Watch(self.dialect.name, start, None, _AFTER_READING)
        )

    async def write(self, start: Start[T]) -> T:
        """See the port."""
        scope = scope_now()
        if scope is None:
            return await self._sound.write(start)
        return await _watched(
            scope, self._sound.write, _Watch(self.dialect.name, start, _BEFORE_WRITING, _COMMIT)
        )

    async def close(self) -> None:
        """See the port."""
        await self._sound.close()


async def _watched(scope: Scope, run: Callable[[Start[T]], Awaitable[T]], watch: _Watch[T]) -> T:
    """Run the transaction, and tell of it."""
    try:
        found = await run(watch.start)
    except BaseException as error:
        watch.fail(error)
        raise
    else:
        watch.finish()
    finally:
        for one in tuple(watch.happened):
            scope.add(one)
    return found


class _Watch(Generic[T]):
    """One transaction's times; `start` is called on whichever thread runs it, the rest is not."""

    def __init__(
        self,
        database: str,
        start: Start[T],
        before: Mapping[str, str] | None,
        after: Mapping[str, str],
    ) -> None:
        self.happened: list[Happened] = []
        self._database = database
        self._start = start
        self._before = None if before is None else before.get(database)
        self._after = after.get(database)
        self._now: str | None = WAIT  # what goes on, and since when
        self._since_ns = now_ns()

    def start(self) -> Transaction[T]:
        """The transaction, afresh; there is a connection now."""
        # One that is run again, as a deadlock's victim is, has waited again.
        self._next(self._before, error=None if self._now == WAIT else "run again")
        return self._timed(self._start())

    def finish(self) -> None:
        """It is over, and done."""
        self._next(None)

    def fail(self, error: BaseException) -> None:
        """It is over, and not done; what went on was it that failed."""
        self._next(None, error=type(error).__name__)

    def _timed(self, transaction: Transaction[T]) -> Transaction[T]:
        try:
            statement = next(transaction)
            while True:
                statement = transaction.send((yield from self._one(statement)))
        except StopIteration as stop:
            self._next(self._after)
            result: T = stop.value
            return result

    def _one(self, statement: Statement) -> Transaction[list[Row]]:
        self._next(name_of(statement))
        rows: list[Row] = yield statement
        self._next(None)
        return rows

    def _next(self, name: str | None, error: str | None = None) -> None:
        """What went on until now is over; `name` goes on from now on (None: nothing of ours)."""
        now_ns_ = now_ns()
        if self._now is not None:
            waited = self._now == WAIT
            self.happened.append(
                Happened(
                    self._now,
                    "internal" if waited else "client",
                    self._since_ns,
                    now_ns_,
                    None if waited else self._database,
                    error,
                )
            )
        self._now, self._since_ns = name, now_ns_
