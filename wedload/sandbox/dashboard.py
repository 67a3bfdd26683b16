"""A supplier's overview of its own forms. Knows no dialect of SQL."""

# ruff: noqa: S608 - only the constants below are put into statements

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .call import Call, answer, instant
from .database import Query, Transaction

if TYPE_CHECKING:
    from aiohttp import web

LATEST = 10
MOST_FORMS = 20


async def dashboard(call: Call) -> web.Response:
    """`GET /api/suppliers/dashboard`: counts, and what came in last."""
    return answer(200, await call.read(lambda: _overview(call.caller.account_id)))


def _overview(supplier_id: str) -> Transaction[dict[str, Any]]:
    mine = (supplier_id,)
    counts = yield Query(
        "SELECT (SELECT count(*) FROM forms WHERE supplier_id = $1),"
        " (SELECT count(*) FROM connections WHERE supplier_id = $1),"
        " (SELECT count(*) FROM submissions WHERE supplier_id = $1 AND cancelled_ms IS NULL)",
        mine,
    )
    forms = yield Query(
        "SELECT id, title, submissions, created_ms FROM forms WHERE supplier_id = $1"
        f" ORDER BY created_ms DESC LIMIT {MOST_FORMS}",
        mine,
        many_rows=True,
    )
    submissions = yield Query(
        "SELECT id, form_id, couple_id, created_ms FROM submissions WHERE supplier_id = $1"
        f" AND cancelled_ms IS NULL ORDER BY created_ms DESC LIMIT {LATEST}",
        mine,
        many_rows=True,
    )
    connections = yield Query(
        "SELECT id, form_id, couple_id, created_ms, wedding_date, venue FROM connections"
        f" WHERE supplier_id = $1 ORDER BY created_ms DESC LIMIT {LATEST}",
        mine,
        many_rows=True,
    )
    return {
        "counts": dict(zip(("forms", "connections", "submissions"), counts[0], strict=True)),
        "forms": [
            {"id": row[0], "title": row[1], "submissions": row[2], "created_at": instant(row[3])}
            for row in forms
        ],
        "latest_submissions": [_latest(row) for row in submissions],
        "latest_connections": [
            {**_latest(row), "wedding_date": row[4], "venue": row[5]} for row in connections
        ],
    }


def _latest(row: Any) -> dict[str, Any]:
    return {
        "id": row[0],
        "form_id": row[1],
        "couple_id": row[2],
        "created_at": instant(row[3]),
    }
