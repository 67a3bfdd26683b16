"""Forms from their creation to their deletion: intake, connections, submissions.

Each handler checks what it was sent, then runs one transaction. Knows no dialect of SQL.
"""

from __future__ import annotations

import time
from typing import Any

import orjson
from aiohttp import web

from .call import Call, answer
from .database import ConflictError, Query, Transaction
from .errors import forbidden, invalid, not_found, unauthorized
from .events import submission_created
from .form_fields import check_fields, check_responses
from .ids import is_id, new_id
from .validation import Problems, json_object

LONGEST_TITLE = 200
LONGEST_VENUE = 500


async def create_form(call: Call) -> web.Response:
    """`POST /api/forms/intake`: a new form of the supplier who calls."""
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, ("title", "fields"))
    title = problems.text(body, "title", LONGEST_TITLE)
    fields = orjson.dumps(check_fields(body.get("fields"), problems)).decode()
    problems.finish()
    form_id, supplier_id = new_id(), call.caller.account_id
    try:
        await call.write(lambda: _insert_form(form_id, supplier_id, title, fields, call.run_id))
    except ConflictError:  # the account was swept away in between
        raise unauthorized("Your account is gone; sign in again.") from None
    return answer(201, {"id": form_id})


async def connect(call: Call) -> web.Response:
    """`POST /api/connections/{form_id}`: connects the couple who calls, once."""
    form_id = _id_in_path(call, "form_id", "form")
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, ("wedding_date", "venue"))
    wedding_date = problems.day(body.get("wedding_date"), "wedding_date")
    venue = problems.text(body, "venue", LONGEST_VENUE)
    problems.finish()
    couple_id = call.caller.account_id
    try:
        connection_id, is_new = await call.write(
            lambda: _insert_connection(form_id, couple_id, wedding_date, venue, call.run_id)
        )
    except ConflictError:  # the form was deleted in between
        raise not_found("form") from None
    return answer(201 if is_new else 200, {"id": connection_id})


async def submit(call: Call) -> web.Response:
    """`POST /api/forms/{form_id}/submit`: stores the answers and triggers a journey."""
    form_id = _id_in_path(call, "form_id", "form")
    body = json_object(await call.json())
    problems = Problems()
    problems.unknown_keys(body, ("responses",))
    responses = body.get("responses")
    if not isinstance(responses, dict):
        problems.add("responses", "must be an object" if "responses" in body else "missing")
        raise invalid(problems.fields)
    problems.finish()
    submission_id, couple_id = new_id(), call.caller.account_id
    try:
        supplier_id, created_ms = await call.write(
            lambda: insert_submission(submission_id, form_id, couple_id, responses, call.run_id)
        )
    except ConflictError:  # the form was deleted in between
        raise not_found("form") from None
    call.platform.journeys.trigger(submission_id, call.run)
    call.platform.events.publish(
        submission_created(submission_id, form_id, supplier_id, couple_id, created_ms, call.run)
    )
    return answer(201, {"id": submission_id, "journey_triggered": True})


async def delete_form(call: Call) -> web.Response:
    """`DELETE /api/forms/{form_id}`: the form and all that hangs on it."""
    form_id = _id_in_path(call, "form_id", "form")
    supplier_id = call.caller.account_id
    await call.write(lambda: _delete_form(form_id, supplier_id))
    return web.Response(status=204)


def _id_in_path(call: Call, name: str, what: str) -> str:
    value = call.path(name)
    if not is_id(value):
        raise not_found(what)
    return value


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _insert_form(
    form_id: str, supplier_id: str, title: str, fields: str, run_id: str | None
) -> Transaction[None]:
    yield Query(
        "INSERT INTO forms (id, supplier_id, title, fields, created_ms, run_id)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        (form_id, supplier_id, title, fields, _now_ms(), run_id),
    )


def _insert_connection(
    form_id: str, couple_id: str, wedding_date: str, venue: str, run_id: str | None
) -> Transaction[tuple[str, bool]]:
    """The connection's id, and whether it is new."""
    forms = yield Query("SELECT supplier_id FROM forms WHERE id = $1", (form_id,))
    if not forms:
        raise not_found("form")
    connection_id = new_id()
    inserted = yield Query(
        "INSERT INTO connections"
        " (id, form_id, couple_id, supplier_id, wedding_date, venue, created_ms, run_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (form_id, couple_id) DO NOTHING RETURNING id",
        (connection_id, form_id, couple_id, forms[0][0], wedding_date, venue, _now_ms(), run_id),
    )
    if inserted:
        return connection_id, True
    existing = yield Query(
        "SELECT id FROM connections WHERE form_id = $1 AND couple_id = $2", (form_id, couple_id)
    )
    if not existing:  # deleted together with its form, just now
        raise not_found("form")
    return existing[0][0], False


def insert_submission(
    submission_id: str,
    form_id: str,
    couple_id: str,
    responses: dict[str, Any],
    run_id: str | None,
) -> Transaction[tuple[str, int]]:
    """The form's supplier, and when the submission was stored."""
    forms = yield Query(
        "SELECT f.fields, f.supplier_id, c.id FROM forms f"
        " LEFT JOIN connections c ON c.form_id = f.id AND c.couple_id = $2 WHERE f.id = $1",
        (form_id, couple_id),
    )
    if not forms:
        raise not_found("form")
    fields, supplier_id, connection_id = forms[0]
    if connection_id is None:
        raise forbidden("Connect to this form before you submit it.")
    check_responses(orjson.loads(fields), responses)
    created_ms = _now_ms()
    yield Query(
        "INSERT INTO submissions"
        " (id, form_id, couple_id, supplier_id, responses, created_ms, run_id)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        (
            *(submission_id, form_id, couple_id, supplier_id),
            *(orjson.dumps(responses).decode(), created_ms, run_id),
        ),
    )
    # Last: everyone who submits to this form waits for this row, so it is held briefly.
    yield Query("UPDATE forms SET submissions = submissions + 1 WHERE id = $1", (form_id,))
    return supplier_id, created_ms


def withdraw_submission(submission_id: str) -> Transaction[None]:
    """Mark it as cancelled, once: it counts no more."""
    withdrawn = yield Query(
        "UPDATE submissions SET cancelled_ms = $2 WHERE id = $1 AND cancelled_ms IS NULL"
        " RETURNING form_id",
        (submission_id, _now_ms()),
    )
    if withdrawn:
        sql = "UPDATE forms SET submissions = submissions - 1 WHERE id = $1"
        yield Query(sql, (withdrawn[0][0],))


def _delete_form(form_id: str, supplier_id: str) -> Transaction[None]:
    forms = yield Query("SELECT supplier_id FROM forms WHERE id = $1", (form_id,))
    if not forms:
        raise not_found("form")
    if forms[0][0] != supplier_id:
        raise forbidden("This form belongs to another supplier.")
    # Connections, submissions and journeys go with it: their foreign keys cascade.
    yield Query("DELETE FROM forms WHERE id = $1", (form_id,))
