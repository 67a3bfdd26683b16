"""Bookings: all of it, or none of it."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.third_parties import TIME

CONFIRMED = "booking.confirmed"


@pytest.fixture
def booked(receiver):
    """A supplier who hears of bookings, a connected couple, and what it asks for."""

    async def prepare(visitor):
        supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
        await supplier.listen(f"{receiver.url}/hooks", events=[CONFIRMED, "submission.created"])
        form = await supplier.create_form()
        await couple.connect(form)
        body = {
            "form_id": form,
            "responses": {"name": "Robin and Sam"},
            "event_type": "wedding",
            "preferred_times": [TIME],
            "recipients": [couple.email],
        }
        return supplier, couple, body

    return prepare


async def state_of(visitor):
    return (await visitor.get("/_sandbox/counts")).body


async def settled(visitor, eventually):
    """Once nothing waits any more, neither webhooks nor messages."""

    async def counts():
        return await state_of(visitor)

    return await eventually(
        counts, lambda found: not found["webhooks"]["pending"] + found["outbox"]["waiting"]
    )


async def test_a_booking_does_all_of_it(database, platform, provider, receiver, booked, eventually):
    visitor = platform(*database())
    supplier, couple, body = await booked(visitor)
    answer = await couple.post("/api/bookings", body)
    assert answer.status == 201, answer
    made = answer.body
    assert (made["state"], made["email"], made["starts_at"]) == ("confirmed", "sent", TIME)
    assert list(provider.events) == [made["event_id"]]
    assert made["calendar_id"] == supplier.id
    assert made["calendar_link"] == f"https://cal.test/{made['event_id']}"
    assert list(provider.mails) == [made["id"]]

    async def arrived():
        return len(receiver.arrivals)

    await eventually(arrived, lambda count: count == 2)
    told = {each.json["type"]: each.json["data"] for each in receiver.arrivals}
    assert told.keys() == {CONFIRMED, "submission.created"}
    assert told[CONFIRMED]["id"] == made["id"]
    path = f"/api/bookings/{made['id']}"
    assert (await couple.get(path)).body == made == (await supplier.get(path)).body
    stranger = await visitor.sign_in("couple")
    assert (await stranger.get(path)).status == 403
    assert (await couple.delete(path)).status == 204
    assert (await couple.get(path)).status == 404
    assert provider.events == {}
    rows = (await state_of(visitor))["rows"]
    for name in ("bookings", "submissions", "appointments", "communications"):
        assert rows[name] == 0, name


@pytest.mark.parametrize(
    ("part", "compensated", "events", "mails"),
    [
        ("calendar", ["submission"], 0, 0),
        ("email", ["calendar", "submission"], 0, 0),
        ("webhook", ["email", "calendar", "submission"], 0, 2),
    ],
)
async def test_when_a_part_fails_what_was_done_is_undone(
    database, platform, provider, receiver, booked, eventually, part, compensated, events, mails
):
    visitor = platform(*database())
    supplier, couple, body = await booked(visitor)
    answer = await couple.post("/api/bookings", {**body, "services": {part: "fail"}})
    assert answer.status == 502
    made = answer.body
    assert (made["state"], made["failed"], made["compensated"]) == (
        *("compensated", part),
        compensated,
    )
    await settled(visitor, eventually)
    assert (len(provider.events), len(provider.mails)) == (events, mails)
    assert receiver.arrivals == []
    status = await couple.get(f"/api/realtime/status/{made['submission_id']}")
    assert status.body["status"] == "cancelled"
    shown = (await supplier.get("/api/suppliers/dashboard")).body
    assert (shown["counts"]["submissions"], shown["forms"][0]["submissions"]) == (0, 0)
    assert (await couple.get(f"/api/bookings/{made['id']}")).body == made
    assert (await couple.delete(f"/api/bookings/{made['id']}")).status == 204
    assert (await state_of(visitor))["rows"]["bookings"] == 0


async def test_an_event_that_nobody_knows_of_is_taken_out_when_the_calendar_is_back(
    platform, provider, booked, eventually
):
    visitor = platform()
    _, couple, body = await booked(visitor)
    provider.moods["calendar.insert"] = "done and broken"
    provider.moods["calendar.delete"] = "down"
    answer = await couple.post("/api/bookings", body)
    assert answer.status == 502
    assert answer.body["pending"] == ["calendar"]
    assert len(provider.events) == 1
    provider.moods.clear()
    await settled(visitor, eventually)
    assert provider.events == {}


async def test_without_compensation_what_was_done_stays(platform, provider, booked):
    visitor = platform(without=("compensation",))
    _, couple, body = await booked(visitor)
    answer = await couple.post("/api/bookings", {**body, "services": {"email": "fail"}})
    assert (answer.status, answer.body["state"], answer.body["failed"]) == (502, "failed", "email")
    assert "compensated" not in answer.body
    assert len(provider.events) == 1
    status = await couple.get(f"/api/realtime/status/{answer.body['submission_id']}")
    assert status.body["status"] == "submitted"


async def test_the_same_key_is_the_same_booking(database, platform, provider, booked):
    visitor = platform(*database())
    _, couple, body = await booked(visitor)
    key = {"headers": {"Idempotency-Key": "once"}}
    answers = await asyncio.gather(*(couple.post("/api/bookings", body, **key) for _ in range(5)))
    assert {answer.status for answer in answers} <= {201, 409}
    again = await couple.post("/api/bookings", body, **key)
    assert again.status == 201
    made = [answer.body["id"] for answer in answers if answer.status == 201]
    assert set(made) == {again.body["id"]}
    assert (len(provider.events), len(provider.mails)) == (1, 1)
    assert (await state_of(visitor))["rows"]["bookings"] == 1
    other = await couple.post("/api/bookings", {**body, "event_type": "party"}, **key)
    assert "Idempotency-Key" in other.wrong_fields
    failing = {**body, "services": {"email": "fail"}}
    for _ in range(2):
        key = {"headers": {"Idempotency-Key": "fails"}}
        answer = await couple.post("/api/bookings", failing, **key)
        assert (answer.status, answer.body["state"]) == (502, "compensated")
    assert provider.count("calendar.insert") == 2


async def test_what_a_killed_server_began_is_undone_by_the_next(
    tmp_path, start, provider, visit, booked, eventually
):
    given = ("--suppliers", "1", "--dsn", f"sqlite:///{tmp_path}/sandbox.db")
    given += ("--email-url", provider.url, "--calendar-url", provider.url)
    given += ("--third-party-deadline", "60s")
    server = start(*given)
    visitor = visit(server)
    _, couple, body = await booked(visitor)
    provider.moods["email"] = "hang"
    asking = asyncio.create_task(couple.post("/api/bookings", body))

    async def mails():
        return provider.count("email.resend")

    await eventually(mails, lambda count: count == 1)
    assert len(provider.events) == 1
    server.kill()
    await asyncio.gather(asking, return_exceptions=True)
    provider.moods.clear()
    again = visit(start(*given))
    found = await settled(again, eventually)
    assert provider.events == {}
    assert (found["rows"]["bookings"], found["rows"]["journeys"]) == (1, 0)
    assert found["webhooks"]["messages"] == 0


async def test_the_database_that_is_to_fail_leaves_nothing(platform, provider, booked):
    visitor = platform()
    _, couple, body = await booked(visitor)
    answer = await couple.post("/api/bookings", {**body, "services": {"database": "fail"}})
    assert answer.status == 503
    assert provider.asked == []
    assert (await state_of(visitor))["rows"]["submissions"] == 0


async def test_who_may_not_submit_may_not_book(platform, provider, booked):
    visitor = platform()
    supplier, _, body = await booked(visitor)
    stranger = await visitor.sign_in("couple")
    assert (await stranger.post("/api/bookings", body)).status == 403
    assert (await supplier.post("/api/bookings", body)).status == 403
    assert provider.asked == []


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"form_id": "x"}, "form_id"),
        ({"form_id": None}, "form_id"),
        ({"responses": []}, "responses"),
        ({"couple_id": "somebody else"}, "couple_id"),
        ({"preferred_times": []}, "preferred_times"),
        ({"recipients": ["robin@gmail.com"]}, "recipients[0]"),
        ({"services": {"pigeon": "fail"}}, "services.pigeon"),
        ({"extra": 1}, "extra"),
    ],
)
async def test_what_is_wrong_with_a_booking_is_named(couple, changes, wrong):
    body = {
        "form_id": "01890000-0000-7000-8000-000000000000",
        "responses": {},
        "preferred_times": [TIME],
        "recipients": ["robin@example.com"],
        **changes,
    }
    assert set((await couple.post("/api/bookings", body)).wrong_fields) == {wrong}


async def test_without_third_parties_nothing_is_booked(couple):
    body = {
        "form_id": "01890000-0000-7000-8000-000000000000",
        "responses": {},
        "preferred_times": [TIME],
        "recipients": ["robin@example.com"],
    }
    answer = await couple.post("/api/bookings", body)
    assert (answer.status, answer.body["error"]["code"]) == (503, "not_configured")
