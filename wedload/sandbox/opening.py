"""What the server needs before it serves: a database that is ready, and what makes spans.

Knows the optional dependencies' remedy, and nothing that a request does.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

import orjson

from .bottlenecks.lock import hold_again_and_again, require_locks
from .errors import StartError
from .setup import Wanted, set_up
from .storage import open_at, open_database
from .tracing.database import TracedDatabase

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AsyncExitStack

    from .database import Database
    from .options import Options
    from .tracing.export import Tracing

#: suppliers; a catalogue of fewer is there at once, and small
TOLD_EVERY: Final = 20_000


async def ready_database(
    stack: AsyncExitStack, options: Options, tracing: Tracing | None
) -> Database:
    """The database with its catalogue, and whatever holds it up; `stack` closes it.

    Raises:
        OptionError: it has no such index, or no locks.
        StartError: it cannot be reached, or is something else.
    """
    narrow = options.bottlenecks
    large = options.suppliers >= TOLD_EVERY
    opening = open_database(options.dsn, narrow.pool_size, large=large)
    database = await stack.enter_async_context(opening)
    require_locks(narrow.locks, database.dialect.name)
    wanted = Wanted(options.suppliers, options.seed, narrow.without_indexes)
    await set_up(database, wanted, _progress(options))
    for lock in narrow.locks:
        assert options.dsn is not None
        job = hold_again_and_again(lock, partial(open_at, options.dsn, 1))
        task = asyncio.create_task(job, name=f"job that locks {lock.table}")
        stack.push_async_callback(_end, task)
    return database if tracing is None else TracedDatabase(database)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _progress(options: Options) -> Callable[[int], None]:
    """Says how far a large catalogue is: to people at a terminal, to a program on stdout."""

    def tell(there: int) -> None:
        if there % TOLD_EVERY:
            return
        if options.managed:
            line = orjson.dumps({"event": "loading", "suppliers": there, "of": options.suppliers})
            print(line.decode(), flush=True)  # noqa: T201 - as it says
        elif sys.stderr.isatty():
            said = f"{there:,} of {options.suppliers:,} suppliers"
            print(said, file=sys.stderr, flush=True)  # noqa: T201 - as it says

    return tell


def start_tracing(stack: AsyncExitStack, endpoint: str | None) -> Tracing | None:
    """What makes spans and sends them there; None: nothing is to. `stack` closes it.

    Raises:
        StartError: what makes them is not installed.
    """
    if endpoint is None:
        return None
    try:
        from .tracing import export  # noqa: PLC0415 - imports an optional dependency
    except ImportError:
        raise StartError(
            "OpenTelemetry's SDK is not installed, which --otlp-endpoint needs; "
            "install it with: pip install 'wedload[sandbox-tracing]'"
        ) from None
    tracing = export.Tracing(endpoint)
    stack.push_async_callback(tracing.close)
    return tracing
