"""Makes a database ready: tables, catalogue, indexes, in one transaction. Knows no adapter.

A database that is ready already, with the same catalogue, is left as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .bottlenecks.indexes import index_name, require_indexes, set_indexes
from .database import Bulk, Database, DatabaseError, Query, Transaction, rows
from .errors import StartError
from .schema import CATALOGUE_INDEXES, CATALOGUE_TABLES, META, VERSION, tables
from .seed import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from .dialect import Dialect


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be there: so many suppliers, and all indexes but these."""

    suppliers: int
    seed: int
    without_indexes: tuple[str, ...] = ()

    @property
    def meta(self) -> dict[str, str]:
        """What the database says of itself when it is."""
        return {"version": VERSION, "catalogue": f"{self.suppliers} suppliers, seed {self.seed}"}


async def set_up(
    database: Database, wanted: Wanted, tell: Callable[[int], None] = lambda _: None
) -> None:
    """Create what is missing; `tell` hears how many suppliers are there, on any thread.

    Raises:
        OptionError: there is no such index.
        StartError: the tables were made by another version, or the database refuses.
    """
    dialect = database.dialect
    require_indexes(wanted.without_indexes, dialect)
    try:
        if await database.write(lambda: _set_up(dialect, wanted, tell)):
            for sql in dialect.tidy:
                await database.read(lambda sql=sql: rows(sql))  # type: ignore[misc]
    except DatabaseError as error:
        raise StartError(
            f"cannot prepare the database: {' '.join(str(error).split())}; check that this user "
            "may create tables in it and that no other program holds it, or give another --dsn"
        ) from None


def _set_up(dialect: Dialect, asked: Wanted, tell: Callable[[int], None]) -> Transaction[bool]:
    """Whether the catalogue is a new one."""
    for sql in dialect.exclusive:
        yield Query(sql)
    yield Query(META)
    meta = yield Query("SELECT name, value FROM sandbox_meta")
    found: dict[str, str] = {row[0]: row[1] for row in meta}
    wanted = asked.meta
    if found.get("version", VERSION) != VERSION:
        raise StartError(
            f"the database was made by another version of the sandbox (its tables: version "
            f"{found['version']}, expected: {VERSION}); give an empty one"
        )
    for sql in tables(dialect):
        yield Query(sql)
    if found == wanted:
        yield from set_indexes(dialect, asked.without_indexes)
        return False
    if found:
        yield from _clear(dialect)
    for bulk in catalogue(asked.suppliers, asked.seed):
        yield bulk
        _tell_of(bulk, tell)
    for sql in (*dialect.text_index, *CATALOGUE_INDEXES):
        yield Query(sql)
    yield from set_indexes(dialect, asked.without_indexes)
    for item in wanted.items():
        yield Query(
            "INSERT INTO sandbox_meta (name, value) VALUES ($1, $2)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            item,
        )
    return True


def _clear(dialect: Dialect) -> Transaction[None]:
    """Empty it, without its indexes: made anew once rows are there, they cost a fraction."""
    for sql in dialect.text_clear:
        yield Query(sql)
    for sql in CATALOGUE_INDEXES:
        if (name := index_name(sql)) is not None:
            yield Query(f"DROP INDEX IF EXISTS {name}")
    for table in CATALOGUE_TABLES:
        yield Query(dialect.clear.format(table=table))


def _tell_of(bulk: Bulk, tell: Callable[[int], None]) -> None:
    # The last table of each part is in order of suppliers, with one row each.
    if bulk.table == "ratings" and isinstance(bulk.rows, list) and bulk.rows:
        tell(bulk.rows[-1][0])
