"""The port to the database: what a transaction is, and who may run one.

A transaction is a generator that yields statements and is sent their rows; it does no I/O itself.
So each is written once: SQLite runs the whole of it on a database thread (one hop there, one
back), PostgreSQL awaits each statement. Knows neither of the two, no table and no HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from .dialect import Dialect

T = TypeVar("T")

# Columns come back as the database types them; the statement beside the use says which those are.
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Query:
    """One statement with `$1`, `$2`, … as placeholders; answered with its rows.

    `many_rows` is advice: it may make a SELECT of more than a few rows cheaper. Its columns may
    then be texts, whole numbers, floats (to 15 digits) and NULL only.
    """

    sql: str
    args: tuple[Any, ...] = ()
    many_rows: bool = False


@dataclass(frozen=True, slots=True)
class Many:
    """One statement run for each tuple of arguments; answered with no rows."""

    sql: str
    args: Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Bulk:
    """Rows for one table, inserted the fastest way there is; answered with no rows."""

    table: str
    columns: tuple[str, ...]
    rows: Iterable[tuple[Any, ...]]


Statement = Query | Many | Bulk
Transaction = Generator[Statement, list[Row], T]
# A function that starts the transaction afresh, as a deadlock's victim is run again.
Start = Callable[[], Transaction[T]]


class DatabaseError(Exception):
    """The database refused or failed; adapters raise no other error of their own making."""


class ConflictError(DatabaseError):
    """A constraint refused the transaction, e.g. the row it referred to was just deleted."""


class UnavailableError(DatabaseError):
    """The database does not answer (any more)."""


class Database(Protocol):
    """Runs transactions. An exception raised inside one rolls it back and reaches the caller."""

    @property
    def dialect(self) -> Dialect:
        """How this database differs from the other."""
        ...

    async def read(self, start: Start[T]) -> T:
        """Run a transaction that writes nothing; each statement sees its own snapshot."""
        ...

    async def write(self, start: Start[T]) -> T:
        """Run a transaction; it is committed when this returns.

        Raises:
            ConflictError: a constraint refused it.
            UnavailableError: the database does not answer.
            DatabaseError: anything else it objects to.
        """
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of every connection and file."""
        ...


def rows(sql: str, *args: Any) -> Transaction[list[Row]]:
    """The transaction of one statement, and its rows."""
    return (yield Query(sql, args))
