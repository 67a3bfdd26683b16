"""From a DSN to an open database, or to one line that says what is wrong and what to do.

The only place that knows both adapters.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from .errors import StartError
from .sqlite import SqliteDatabase
from .temporary import temporary_directory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from .database import Database

_SQLITE_HEADER = b"SQLite format 3\x00"


@asynccontextmanager
async def open_database(
    dsn: str | None, pool_size: int | None = None, *, large: bool = False
) -> AsyncIterator[Database]:
    """The database at `dsn`; None is an SQLite file in a temporary directory, removed at exit.

    `pool_size` is how many may use it at once; None: as many as are good. `large` is a
    catalogue of more suppliers than a plan for any search is good for.

    Raises:
        StartError: it makes no sense, cannot be reached, or belongs to something else.
    """
    if dsn is None:
        with temporary_directory() as directory:
            async with _closing(_open_sqlite(directory / "sandbox.db", pool_size)) as database:
                yield database
    else:
        async with _closing(await open_at(dsn, pool_size, large=large)) as database:
            yield database


@asynccontextmanager
async def _closing(database: Database) -> AsyncIterator[Database]:
    try:
        yield database
    finally:
        await database.close()


async def open_at(dsn: str, pool_size: int | None = None, *, large: bool = False) -> Database:
    """The database at `dsn`, to be closed by whoever asks.

    Raises:
        StartError: as above.
    """
    scheme = dsn.partition(":")[0].lower()
    if scheme == "sqlite":
        return _open_sqlite(_sqlite_path(dsn), pool_size)
    if scheme in ("postgresql", "postgres"):
        return await _open_postgres(dsn, pool_size, large=large)
    # Not quoted in full: it may hold a password.
    raise StartError(
        "--dsn starts with neither sqlite:/// nor postgresql://; "
        "give e.g. sqlite:///sandbox.db or postgresql://user@localhost/database"
    )


def _sqlite_path(dsn: str) -> Path:
    rest = dsn.partition(":")[2]
    path = unquote(rest[3:]) if rest.startswith("///") else ""
    if not path or "?" in path or path == ":memory:" or "\x00" in path:
        raise StartError(
            f"{dsn} names no file; give sqlite:///relative/path.db or sqlite:////absolute/path.db"
        )
    return Path(path)


def _open_sqlite(path: Path, readers: int | None) -> Database:
    try:
        _refuse_foreign_file(path)
        return SqliteDatabase(path) if readers is None else SqliteDatabase(path, readers)
    except (OSError, sqlite3.Error) as error:
        raise StartError(
            f"cannot use the SQLite file {path}: {error}; "
            "give the path of a new file in a directory that exists and can be written"
        ) from None


def _refuse_foreign_file(path: Path) -> None:
    """Never create tables in, or empty tables of, a database that somebody made for another use."""
    if not path.exists() or path.stat().st_size == 0:
        return
    with path.open("rb") as file:
        if file.read(len(_SQLITE_HEADER)) != _SQLITE_HEADER:
            raise StartError(f"{path} is no SQLite database; give another path, or delete it")
    connection = sqlite3.connect(path)
    try:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    finally:
        connection.close()
    if names and "sandbox_meta" not in names:
        raise StartError(f"{path} is a database of something else; give the path of a new file")


async def _open_postgres(dsn: str, connections: int | None, *, large: bool) -> Database:
    try:
        import asyncpg  # noqa: PLC0415 - an optional dependency

        from .postgres import PostgresDatabase  # noqa: PLC0415 - imports asyncpg
    except ImportError:
        raise StartError(
            "asyncpg is not installed, which PostgreSQL needs; "
            "install it with: pip install 'wedload[postgres]'"
        ) from None
    try:
        if connections is None:
            return await PostgresDatabase.open(dsn, large=large)
        return await PostgresDatabase.open(dsn, connections, large=large)
    except (
        TimeoutError,
        OSError,
        ValueError,
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
    ) as error:
        what = "no answer in time" if isinstance(error, asyncio.TimeoutError) else str(error)
        raise StartError(
            f"cannot connect to PostgreSQL at {_without_password(dsn)}: {' '.join(what.split())}; "
            "check that it runs, and the host, port, user and database in --dsn"
        ) from None


def _without_password(dsn: str) -> str:
    try:
        parts = urlsplit(dsn)
        port = parts.port or 5432
    except ValueError:
        return "that address"
    return f"{parts.hostname or 'localhost'}:{port}{parts.path}"
