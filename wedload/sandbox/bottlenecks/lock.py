"""A job that holds a table locked, again and again, so that whoever writes to it waits.

As a job of its own would that books what has been written: the more there is, the longer it holds
the table. It has a connection of its own, on which the database shows it. PostgreSQL only.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..database import DatabaseError, Query
from ..errors import OptionError
from ..schema import OF_RUNS
from ..third_parties.options import parse_deadline

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ..database import Database, Transaction

log = logging.getLogger(__name__)

#: how long others have the table before it is locked again
PAUSE_S: Final = 0.1
#: the longest that it is held at a time
LONGEST_S: Final = 2.0
TABLES: Final = tuple(sorted({*OF_RUNS, "journeys", "bookings"}))
_FORM: Final = re.compile(r"\s*(?P<table>[a-z_]+)\s*=\s*(?P<each>\S+)\s*")


@dataclass(frozen=True, slots=True)
class Lock:
    """One wish: the table is held for `each_s` for every row that was written since last time."""

    table: str
    each_s: float


def parse_lock(text: str) -> Lock:
    """Read `submissions=10ms`.

    Raises:
        ValueError: it is not of that form, or there is no such table.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(f"{text!r} is not TABLE=DURATION; write 'submissions=10ms'")
    if form["table"] not in TABLES:
        raise ValueError(f"{form['table']!r} is no table to lock; there are {', '.join(TABLES)}")
    return Lock(form["table"], parse_deadline(form["each"]))


def require_locks(locks: Sequence[Lock], dialect_name: str) -> None:
    """Refuse locks where the database has none of tables.

    Raises:
        OptionError: it is not PostgreSQL.
    """
    if locks and dialect_name != "postgresql":
        raise OptionError(
            "--lock needs PostgreSQL, as SQLite has no locks of tables; give --dsn postgresql://…"
        )


async def hold_again_and_again(lock: Lock, connect: Callable[[], Awaitable[Database]]) -> None:
    """The job's life, until it is cancelled."""
    database = await connect()
    try:
        seen = await database.read(lambda: _count(lock.table))
        while True:
            try:
                seen = await database.write(lambda seen=seen: _hold(lock, seen))  # type: ignore[misc]
            except DatabaseError as error:
                log.warning("the job that locks %s waits: %s", lock.table, error)
            await asyncio.sleep(PAUSE_S)
    finally:
        await database.close()


def _count(table: str) -> Transaction[int]:
    rows = yield Query(f"SELECT count(*) FROM {table}")  # noqa: S608 - one of our own names
    count: int = rows[0][0]
    return count


def _hold(lock: Lock, seen: int) -> Transaction[int]:
    # It lets others read, and nobody write.
    yield Query(f"LOCK TABLE {lock.table} IN SHARE ROW EXCLUSIVE MODE")
    count = yield from _count(lock.table)
    held_s = min(max(0, count - seen) * lock.each_s, LONGEST_S)
    if held_s:
        # Said in the statement, for whoever looks at what sessions do.
        said = f"-- books what is new, with {lock.table} locked"
        yield Query(f"SELECT pg_sleep($1) {said}", (held_s,))
    return count
