"""What suppliers ask of test runs: how many rows one has, and that they be deleted.

Knows no statement of SQL; see `run_rows`, and `runs` for what is under way.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

from .call import Call, answer
from .errors import invalid
from .run_rows import TABLES, count_rows, delete_some
from .runs import EXPECTED, is_run_id
from .schema import OF_RUNS

if TYPE_CHECKING:
    from aiohttp import web

    from .call import Platform
    from .run_rows import Gone


async def show(call: Call) -> web.Response:
    """`GET /api/test-runs/{run_id}`: how many rows it has, by table."""
    run_id = _run_id(call)
    rows = await call.read(lambda: count_rows(run_id))
    return answer(200, {"rows": sum(rows.values()), "by_table": rows})


async def sweep(call: Call) -> web.Response:
    """`DELETE /api/test-runs/{run_id}`: deletes all that requests of the run made.

    It may be asked for again and again; the caller's token is good for that to the end.
    """
    run_id, started = _run_id(call), time.perf_counter()
    platform = call.platform
    async with platform.runs.one_sweep:
        await platform.runs.sweep(run_id)
        await platform.webhooks.forget(run_id)
        rows: Counter[str] = Counter(dict.fromkeys(TABLES, 0))
        for table in OF_RUNS:
            while (gone := await _delete_some(platform, table, run_id)).ids:
                rows.update(gone.rows)
                if table == "communications":
                    platform.outbox.forget(gone.ids)
                elif table == "accounts":
                    platform.sessions.end(gone.ids, but=call.caller)
    call.db_s += time.perf_counter() - started
    return answer(200, {"deleted": rows.total(), "by_table": rows})


async def _delete_some(platform: Platform, table: str, run_id: str) -> Gone:
    return await platform.database.write(lambda: delete_some(table, run_id))


def _run_id(call: Call) -> str:
    run_id = call.path("run_id")
    if not is_run_id(run_id):
        raise invalid({"run_id": EXPECTED})
    return run_id
