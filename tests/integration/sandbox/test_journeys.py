"""What a submission triggers, and who may watch it."""

from __future__ import annotations

import re
import sqlite3
import uuid


async def submitted(supplier, couple):
    form = await supplier.create_form()
    await couple.connect(form)
    return (await couple.submit(form)).body["id"]


async def test_submission_is_seen_at_once_and_its_journey_runs_soon(supplier, couple, eventually):
    submission = await submitted(supplier, couple)
    path = f"/api/realtime/status/{submission}"
    answer = await supplier.get(path)
    assert answer.status == 200
    assert answer.body["status"] == "submitted"
    assert answer.body["journey"]["state"] in {"pending", "running"}
    running = await eventually(
        lambda: supplier.get(path), lambda answer: answer.body["journey"]["state"] == "running"
    )
    started_at = running.body["journey"]["started_at"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", started_at)


async def test_couple_sees_its_own_submission(supplier, couple):
    submission = await submitted(supplier, couple)
    assert (await couple.get(f"/api/realtime/status/{submission}")).status == 200


async def test_nobody_else_sees_a_submission(supplier, couple, visitor):
    submission = await submitted(supplier, couple)
    for role in ("supplier", "couple"):
        stranger = await visitor.sign_in(role)
        assert (await stranger.get(f"/api/realtime/status/{submission}")).status == 403


async def test_unknown_submission_is_404(supplier):
    for unknown in (str(uuid.uuid4()), "x", "%00"):
        assert (await supplier.get(f"/api/realtime/status/{unknown}")).status == 404


async def test_journey_has_its_steps_and_one_that_was_missed_starts_with_the_server(
    start, visit, tmp_path, eventually
):
    file = tmp_path / "kept.db"
    server = start("--dsn", f"sqlite:///{file}")
    visitor = visit(server)
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    submission = await submitted(supplier, couple)

    async def journeys():
        return (await visitor.get("/_sandbox/counts")).body["rows"]["journeys"]

    await eventually(journeys, lambda count: count == 1)
    assert server.stop() == 0

    connection = sqlite3.connect(file)
    steps = connection.execute(
        "SELECT name FROM journey_steps WHERE submission_id = ? ORDER BY position", (submission,)
    ).fetchall()
    assert steps == [("welcome e-mail",), ("questionnaire review",), ("follow-up",)]
    connection.execute("DELETE FROM journey_steps")
    connection.execute("DELETE FROM journeys")
    connection.commit()
    connection.close()

    visitor = visit(start("--dsn", f"sqlite:///{file}"))
    await eventually(journeys, lambda count: count == 1)
