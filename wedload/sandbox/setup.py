"""Makes a database ready: tables, catalogue, indexes, in one transaction. Knows no adapter.

A database that is ready already, with the same catalogue, is left as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .database import Database, DatabaseError, Query, Transaction
from .errors import StartError
from .schema import CATALOGUE_INDEXES, CATALOGUE_TABLES, META, VERSION, tables
from .seed import catalogue

if TYPE_CHECKING:
    from .dialect import Dialect


async def set_up(database: Database, suppliers: int, seed: int) -> None:
    """Create what is missing.

    Raises:
        StartError: the tables were made by another version, or the database refuses.
    """
    try:
        await database.write(lambda: _set_up(database.dialect, suppliers, seed))
    except DatabaseError as error:
        raise StartError(
            f"cannot prepare the database: {' '.join(str(error).split())}; check that this user "
            "may create tables in it and that no other program holds it, or give another --dsn"
        ) from None


def _set_up(dialect: Dialect, suppliers: int, seed: int) -> Transaction[None]:
    for sql in dialect.exclusive:
        yield Query(sql)
    yield Query(META)
    rows = yield Query("SELECT name, value FROM sandbox_meta")
    found: dict[str, str] = {row[0]: row[1] for row in rows}
    wanted = {"version": VERSION, "catalogue": f"{suppliers} suppliers, seed {seed}"}
    if found.get("version", VERSION) != VERSION:
        raise StartError(
            f"the database was made by another version of the sandbox (its tables: version "
            f"{found['version']}, expected: {VERSION}); give an empty one"
        )
    for sql in tables(dialect):
        yield Query(sql)
    if found == wanted:
        return
    if found:
        for table in CATALOGUE_TABLES:
            yield Query(f"DELETE FROM {table}")  # noqa: S608 - our own names
        for sql in dialect.text_clear:
            yield Query(sql)
    yield from catalogue(suppliers, seed)
    for sql in (*dialect.text_index, *CATALOGUE_INDEXES):
        yield Query(sql)
    for item in wanted.items():
        yield Query(
            "INSERT INTO sandbox_meta (name, value) VALUES ($1, $2)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            item,
        )
