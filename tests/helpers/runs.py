"""What tests of runs ask a sandbox, and its database."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

HEADER = "X-Wedload-Run"
RUN, OTHER = "20261127-045005-ab12", "20261127-045006-cd34"
SMALL = ("--suppliers", "1", "--rate-limit", "0")
CATALOGUE = {
    *("ratings", "booked_days", "packages", "supplier_styles", "suppliers"),
    *("styles", "categories", "cities", "sandbox_meta"),
}


async def filled(stored: Any) -> dict[str, int]:
    """The tables that requests write to and that have rows, with how many."""
    found = {}
    for table in await stored.tables() - CATALOGUE:
        [(rows,)] = await stored.rows(f"SELECT count(*) FROM {table}")
        if rows:
            found[table] = rows
    return found


def of_run(client: Any, run: str = RUN) -> Any:
    """The same somebody, whose requests belong to a run."""
    return replace(client, headers={**client.headers, HEADER: run})


async def sweep(client: Any, run: str = RUN) -> dict[str, int]:
    """How many rows of which tables it says that it deleted."""
    answer = await client.delete(f"/api/test-runs/{run}")
    assert answer.status == 200, answer
    assert answer.body["deleted"] == sum(answer.body["by_table"].values())
    return {table: rows for table, rows in answer.body["by_table"].items() if rows}


async def rows_of(client: Any, run: str = RUN) -> dict[str, int]:
    """How many rows of which tables it says that the run has."""
    answer = await client.get(f"/api/test-runs/{run}")
    assert answer.status == 200, answer
    assert answer.body["rows"] == sum(answer.body["by_table"].values())
    return {table: rows for table, rows in answer.body["by_table"].items() if rows}


async def settled(visitor: Any, eventually: Any, webhooks: int = 0) -> Any:
    """Once every submission has its journey, and so many webhooks are delivered."""

    async def counts() -> Any:
        return (await visitor.get("/_sandbox/counts")).body

    return await eventually(
        counts,
        lambda found: (
            found["rows"]["journeys"] == found["rows"]["submissions"]
            and found["webhooks"]["delivered"] == webhooks
        ),
    )
