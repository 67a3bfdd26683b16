"""Appointments: in the calendar, or held while it fails."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.third_parties import LATER, TIME, wish
from tests.helpers.waiting import GENEROUS_S

TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_it_is_in_the_calendar_at_the_preferred_time(platform, provider, counts):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    header = {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    answer = await couple.post("/api/calendar/schedule", wish(), headers=header)
    assert answer.status == 201
    body = answer.body
    assert body["fallback_used"] is False
    assert body["calendar_link"] == f"https://cal.test/{body['event_id']}"
    assert (body["starts_at"], body["overlaps"]) == (TIME, False)
    (event,) = provider.events.values()
    assert (event["id"], event["start"]["dateTime"]) == (body["event_id"], TIME)
    assert [each.what for each in provider.asked] == ["calendar.free", "calendar.insert"]
    assert {each.trace for each in provider.asked} == {TRACE}
    assert len({each.span for each in provider.asked}) == 2
    assert provider.asked[1].headers["authorization"].startswith("Bearer ")
    done = await counts(visitor, "calendar")
    assert (done["operations"], done["attempts"], done["retries"]) == (2, 2, 0)
    answer = await couple.delete(f"/api/calendar/events/{body['event_id']}")
    assert (answer.status, provider.events) == (204, {})
    assert (await visitor.get("/_sandbox/counts")).body["rows"]["appointments"] == 0


async def test_what_is_busy_is_passed_over(platform, provider):
    couple = await platform().sign_in("couple")
    provider.busy = [{"start": "2027-06-05T13:30:00Z", "end": "2027-06-05T14:30:00Z"}]
    body = (await couple.post("/api/calendar/schedule", wish())).body
    assert (body["starts_at"], body["overlaps"]) == (LATER, False)
    provider.busy = [{"start": "2027-06-05T00:00:00Z", "end": "2027-06-06T00:00:00Z"}]
    body = (await couple.post("/api/calendar/schedule", wish())).body
    assert (body["starts_at"], body["overlaps"]) == (TIME, True)


async def test_while_the_calendar_is_down_the_appointment_is_held(
    database, platform, provider, eventually
):
    visitor = platform(*database())
    couple = await visitor.sign_in("couple")
    provider.moods["calendar"] = "down"
    answer = await couple.post("/api/calendar/schedule", wish())
    assert (answer.status, answer.body["fallback_used"]) == (201, True)
    hold = answer.body["hold_id"]
    assert answer.body["calendar_link"] == f"{visitor.url}/api/calendar/holds/{hold}"
    path = f"/api/calendar/holds/{hold}"
    shown = (await couple.get(path)).body
    assert (shown["supplier_id"], shown["starts_at"]) == ("supplier-1", TIME)
    other = await visitor.sign_in("couple")
    assert (await other.get(path)).status == (await other.delete(path)).status == 403
    assert (await couple.delete(path)).status == 204
    assert (await couple.get(path)).status == 404
    # two retries were saved, the first operation needs both
    assert (provider.count("calendar.free"), provider.count("calendar.insert")) == (3, 1)
    # nobody knows whether it is in the calendar: its deletion waits until somebody does
    provider.moods.clear()

    async def outbox():
        return (await visitor.get("/_sandbox/counts")).body["outbox"]

    done = await eventually(outbox, lambda found: found["waiting"] == 0)
    assert (done["queued"], done["sent"]) == (1, 1)
    assert provider.count("calendar.delete") >= 2


async def test_a_repeated_attempt_makes_no_second_event(platform, provider):
    couple = await platform().sign_in("couple")
    provider.moods["calendar.insert"] = ["done and broken"]
    body = (await couple.post("/api/calendar/schedule", wish())).body
    assert body["fallback_used"] is False
    assert list(provider.events) == [body["event_id"]]
    first, second = provider.of("calendar.insert")
    assert first.trace == second.trace
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body


async def test_without_idempotency_it_makes_a_second_event(platform, provider):
    couple = await platform(without=("idempotency",)).sign_in("couple")
    provider.moods["calendar.insert"] = ["done and broken"]
    assert (await couple.post("/api/calendar/schedule", wish())).status == 201
    assert len(provider.events) == 2
    first, second = provider.of("calendar.insert")
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]


async def test_within_the_deadline_a_calendar_that_hangs_is_given_up(platform, provider, counts):
    visitor = platform(deadline="150ms")
    couple = await visitor.sign_in("couple")
    provider.moods["calendar"] = "hang"
    answer = await couple.post("/api/calendar/schedule", wish())
    assert (answer.status, answer.body["fallback_used"]) == (201, True)
    done = await counts(visitor, "calendar")
    assert (done["attempts"], done["retries"]) == (2, 0)
    assert (done["deadline_exceeded"], done["fallbacks"]) == (2, 1)


async def test_without_a_time_out_it_waits_as_long_as_the_calendar_takes(platform, provider):
    couple = await platform(deadline="50ms", without=("time-out",)).sign_in("couple")
    provider.moods["calendar"] = "hang"
    body = wish(timeout=50, fallback=True)
    asking = asyncio.create_task(couple.post("/api/calendar/schedule-with-timeout", body))
    async with asyncio.timeout(GENEROUS_S):
        while not provider.asked:
            await asyncio.sleep(0.002)
    await asyncio.sleep(0.3)  # six deadlines, each of which would have been the end of it
    assert not asking.done()
    provider.closing.set()
    answer = await asking
    assert (answer.status, answer.body["fallback_used"]) == (201, False)


async def test_the_callers_own_time_out_holds_and_the_platforms_does_too(
    platform, provider, counts
):
    visitor = platform(deadline="150ms")
    couple = await visitor.sign_in("couple")
    provider.moods["calendar"] = "hang"
    path = "/api/calendar/schedule-with-timeout"
    for timeout in (20, "20ms", 600_000):
        answer = await couple.post(path, {"timeout": timeout, "fallback": True})
        assert (answer.status, answer.body["fallback_used"]) == (201, True)
    answer = await couple.post(path, {"timeout": 20, "fallback": False})
    assert (answer.status, answer.body["error"]["code"]) == (504, "third_party_late")
    assert (await counts(visitor, "calendar"))["fallbacks"] == 3


async def test_without_a_fallback_a_calendar_that_is_down_is_an_error(platform, provider):
    couple = await platform().sign_in("couple")
    provider.moods["calendar"] = "down"
    body = wish(timeout="5s", fallback=False)
    answer = await couple.post("/api/calendar/schedule-with-timeout", body)
    assert (answer.status, answer.body["error"]["code"]) == (502, "third_party_failed")
    assert "calendar" in answer.body["error"]["message"]


async def test_a_dishonest_platform_says_that_all_is_well(platform, provider, counts):
    visitor = platform(without=("honest-fallback",))
    couple = await visitor.sign_in("couple")
    provider.moods["calendar"] = "down"
    answer = await couple.post("/api/calendar/schedule", wish())
    assert (answer.status, answer.body["fallback_used"]) == (201, False)
    assert provider.events == {}
    assert (await counts(visitor, "calendar"))["fallbacks"] == 1


async def test_a_quota_is_kept_as_it_is_told_with_403_and_429(platform, provider, counts):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    provider.moods["calendar.insert"] = [(403, {}), (429, {"Retry-After": "0"})]
    answer = await couple.post("/api/calendar/schedule", wish())
    assert answer.body["fallback_used"] is False
    assert provider.count("calendar.insert") == 3


async def test_a_wait_that_is_too_long_is_no_reason_to_try_again(platform, provider, counts):
    visitor = platform(deadline="400ms")
    couple = await visitor.sign_in("couple")
    provider.moods["calendar.insert"] = (429, {"Retry-After": "5"})
    body = (await couple.post("/api/calendar/schedule", wish())).body
    assert body["fallback_used"] is True
    assert provider.count("calendar.insert") == 1
    assert (await counts(visitor, "calendar"))["retry_after_too_long"] == 1


async def test_without_retry_after_it_is_ignored(platform, provider):
    couple = await platform(without=("retry-after",)).sign_in("couple")
    provider.moods["calendar.insert"] = (429, {"Retry-After": "5"})
    assert (await couple.post("/api/calendar/schedule", wish())).body["fallback_used"] is True
    assert provider.count("calendar.insert") == 3


async def test_without_a_calendar_the_answer_says_how_to_have_one(supplier):
    answer = await supplier.post("/api/calendar/schedule", wish())
    assert (answer.status, answer.body["error"]["code"]) == (503, "not_configured")
    assert "--calendar-url" in answer.body["error"]["message"]
    assert "WEDLOAD_SANDBOX_CALENDAR_URL" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"supplier_id": None}, "supplier_id"),
        ({"supplier_id": True}, "supplier_id"),
        ({"couple_id": ""}, "couple_id"),
        ({"event_type": 5}, "event_type"),
        ({"preferred_times": []}, "preferred_times"),
        ({"preferred_times": None}, "preferred_times"),
        ({"preferred_times": ["soon"]}, "preferred_times[0]"),
        ({"preferred_times": [TIME, 5]}, "preferred_times[1]"),
        ({"preferred_times": ["0001-01-01T00:00:00+14:00"]}, "preferred_times[0]"),
        ({"prefered_times": [TIME]}, "prefered_times"),
    ],
)
async def test_what_is_wrong_with_a_wish_is_named(supplier, changes, wrong):
    assert wrong in (await supplier.post("/api/calendar/schedule", wish(**changes))).wrong_fields


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, "timeout"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": 500, "fallback": "pigeon"}, "fallback"),
    ],
)
async def test_what_is_wrong_with_a_time_out_is_named(supplier, body, wrong):
    answer = await supplier.post("/api/calendar/schedule-with-timeout", body)
    assert set(answer.wrong_fields) == {wrong}


@pytest.mark.parametrize("path", ["/api/calendar/holds/x", "/api/calendar/events/x%00y"])
async def test_what_there_is_not_cannot_be_deleted(supplier, path):
    assert (await supplier.delete(path)).status == 404
