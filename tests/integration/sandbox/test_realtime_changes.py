"""Changes of the platform's own rows reach those who subscribed, on both databases."""

from __future__ import annotations

import pytest

from tests.helpers.phoenix import phoenix

from .conftest import SUPPLIER_KEY

TOPIC = "realtime:changes"


@pytest.fixture
async def form(supplier, couple):
    form = await supplier.create_form()
    await couple.connect(form)
    return form


async def subscribed(socket, *changes):
    """Joined, and told that changes come from now on; the subscriptions' ids."""
    reply = await socket.join(TOPIC, postgres_changes=list(changes))
    system = await socket.get()
    assert system["payload"]["message"] == "Subscribed to PostgreSQL"
    return [each["id"] for each in reply["response"]["postgres_changes"]]


@pytest.mark.parametrize("version", [1, 2])
async def test_submission_is_told_once_as_its_row_is(
    visitor, http, supplier, couple, form, version
):
    async with phoenix(http, visitor.url, SUPPLIER_KEY, version) as socket:
        wish = {"event": "INSERT", "schema": "public", "table": "submissions"}
        ids = await subscribed(socket, {**wish, "filter": f"form_id=eq.{form}"})
        submission = (await couple.submit(form)).body["id"]
        change = await socket.get()
        assert (change["event"], change["topic"], change["ref"]) == (
            *("postgres_changes", TOPIC, None),
        )
        assert change["payload"]["ids"] == ids
        data = change["payload"]["data"]
        assert data["record"] == {
            "id": submission,
            "form_id": form,
            "supplier_id": supplier.id,
            "couple_id": couple.id,
            "status": "submitted",
            "created_at": data["record"]["created_at"],
        }
        assert data["commit_timestamp"] >= data["record"]["created_at"]
        assert "old_record" not in data
        assert await socket.silence() == []


async def test_journey_is_told_as_it_comes_and_as_it_runs(visitor, http, supplier, couple, form):
    async with phoenix(http, visitor.url, SUPPLIER_KEY) as socket:
        ids = await subscribed(socket, {"event": "*", "schema": "public", "table": "journeys"})
        submission = (await couple.submit(form)).body["id"]

        def ours(got):
            return got["payload"]["data"]["record"]["submission_id"] == submission

        (*_, inserted) = await socket.until(ours)
        (*_, updated) = await socket.until(ours)
        assert inserted["payload"]["ids"] == updated["payload"]["ids"] == ids
        data = inserted["payload"]["data"]
        assert (data["type"], data["record"]["state"]) == ("INSERT", "pending")
        assert data["record"]["started_at"] is None
        data = updated["payload"]["data"]
        assert (data["type"], data["record"]["state"]) == ("UPDATE", "running")
        assert data["old_record"] == {"submission_id": submission}
        status = await supplier.get(f"/api/realtime/status/{submission}")
        assert status.body["journey"]["started_at"] == data["record"]["started_at"]


async def test_one_message_names_all_subscriptions_that_it_answers(visitor, http, couple, form):
    wishes = [
        {"event": "*", "schema": "public", "table": "submissions", "filter": f"form_id=eq.{form}"},
        {"event": "UPDATE", "schema": "public", "table": "submissions"},
        {"event": "INSERT", "schema": "public", "table": "*", "filter": ""},
    ]
    async with phoenix(http, visitor.url, SUPPLIER_KEY) as socket:
        every, _, insert = await subscribed(socket, *wishes)
        submission = (await couple.submit(form)).body["id"]
        (*_, change) = await socket.until(
            lambda got: got["payload"]["data"]["record"].get("id") == submission
        )
        assert change["payload"]["ids"] == [every, insert]


async def test_change_is_for_those_whose_filter_it_passes(visitor, http, supplier, couple, form):
    other = await supplier.create_form()
    await couple.connect(other)
    wish = {"event": "INSERT", "schema": "public", "table": "submissions"}
    both = f"form_id=in.({form},{other}),couple_id=eq.{couple.id}"
    async with (
        phoenix(http, visitor.url, SUPPLIER_KEY) as one,
        phoenix(http, visitor.url, SUPPLIER_KEY) as two,
        phoenix(http, visitor.url, SUPPLIER_KEY) as none,
    ):
        await subscribed(one, {**wish, "filter": f"form_id=eq.{other}"})
        await subscribed(two, {**wish, "filter": both})
        await subscribed(none, {**wish, "filter": f"form_id=eq.{form},couple_id=neq.{couple.id}"})
        first, second = [(await couple.submit(each)).body["id"] for each in (form, other)]

        async def heard(socket):
            return [got["payload"]["data"]["record"]["id"] for got in await socket.silence()]

        assert await heard(one) == [second]
        assert await heard(two) == [first, second]
        assert await heard(none) == []


async def test_after_leaving_no_change_is_told(visitor, http, couple, form):
    wish = {"event": "INSERT", "schema": "public", "table": "submissions"}
    async with (
        phoenix(http, visitor.url, SUPPLIER_KEY) as gone,
        phoenix(http, visitor.url, SUPPLIER_KEY) as there,
    ):
        for socket in (gone, there):
            await subscribed(socket, {**wish, "filter": f"form_id=eq.{form}"})
        await gone.ask(TOPIC, "phx_leave", {})
        await gone.silence()
        await couple.submit(form)
        assert len(await there.silence()) == 1
        assert await gone.silence() == []
