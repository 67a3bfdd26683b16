"""The port of a database: connections, each of which runs one statement at a time.

A query that fails is data: it ends in a `QueryError` with the outcome that is counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.plan.statements import Statement


class QueryError(Exception):
    """A query, or the connection for it, failed: `outcome` is counted, the text noted."""

    def __init__(self, outcome: str, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.message = message


class Rows:
    """What came back of a query, as checks and captures read it; times are ns.

    A load process keeps no row beyond the next step of the virtual user; values are made plain
    only when they are read.
    """

    __slots__ = ("_found", "duration", "row_count")

    def __init__(self, found: Found | None, duration: int) -> None:
        """`found`: None if the query failed."""
        self._found = found
        self.duration = duration
        self.row_count = 0 if found is None else found.row_count

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows, each by the names of its columns; values as JSON has them."""
        return [] if self._found is None else self._found.plain()


class Found(Protocol):
    """What a database gave."""

    @property
    def row_count(self) -> int:
        """How many rows it gave, or changed."""

    def plain(self) -> list[dict[str, Any]]:
        """The rows with values as JSON has them."""


class Connection(Protocol):
    """A connection to a database."""

    @property
    def usable(self) -> bool:
        """Whether another query can be run on it, as far as is known."""

    async def run(self, statement: Statement, params: Sequence[Any], timeout_ns: int) -> Found:
        """Run a statement; all of its rows are there then.

        Cancelled, or out of time, it ends the query at the database as well, and `settle` is to be
        awaited before the next one.

        Raises:
            QueryError: it failed; `timeout` is the outcome of one that ran out of time.
        """

    async def settle(self) -> None:
        """Wait until what was cut off is over at the database; not for ever."""

    async def explain(
        self, statement: Statement, params: Sequence[Any], timeout_ns: int
    ) -> list[Any]:
        """How the database carries a statement out that only reads; nothing stays changed.

        Raises:
            QueryError: it cannot be explained.
        """

    async def close(self) -> None:
        """End it."""

    def terminate(self) -> None:
        """End it at once."""


class Connector(Protocol):
    """Opens connections to one database."""

    async def open(self, timeout_ns: int) -> Connection:
        """A new connection.

        Raises:
            QueryError: there can be none; the outcome is `connect`.
        """
