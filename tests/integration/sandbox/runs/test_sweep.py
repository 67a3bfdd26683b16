"""Rows know the test run whose request made them, and a sweep leaves none of a run."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.runs import (
    CATALOGUE,
    HEADER,
    OTHER,
    RUN,
    SMALL,
    filled,
    of_run,
    rows_of,
    settled,
    sweep,
)


async def test_a_sweep_leaves_nothing_of_all_that_a_run_can_make(
    stored, start, visit, providers, receiver, eventually
):
    visitor = visit(start(*SMALL, *stored.args, *providers))
    nobody = await visitor.sign_in("supplier")
    run = of_run(visitor)
    supplier, couple = await run.sign_in("supplier"), await run.sign_in("couple")
    supplier, couple = of_run(supplier), of_run(couple)
    await supplier.listen(f"{receiver.url}/hooks")
    form = await supplier.create_form()
    await couple.connect(form)
    assert (await couple.submit(form)).status == 201
    await supplier.trigger()
    when = {"preferred_times": ["2027-06-05T14:00:00Z"]}
    wish = {"supplier_id": 1, "couple_id": couple.id, "event_type": "wedding", **when}
    for path, body in (
        ("/api/calendar/schedule", wish),
        ("/api/communications/send", {"template": "welcome", "recipients": [couple.email]}),
        ("/api/forms/submit-resilient", {"responses": {}}),
        ("/api/forms/submit-resilient", {"form_id": form, "responses": {"name": "Us"}}),
        (
            "/api/bookings",
            {"form_id": form, "responses": {"name": "Us"}, "recipients": [couple.email], **when},
        ),
    ):
        assert (await couple.post(path, body)).status in {201, 202}, path
    await settled(visitor, eventually, webhooks=8)

    before = await rows_of(nobody)
    everything = await filled(stored)
    assert everything.pop("accounts") == before["accounts"] + 1 == 3
    assert before == {**everything, "accounts": 2}
    assert before.keys() == await stored.tables() - CATALOGUE

    assert await sweep(nobody) == before
    assert await filled(stored) == {"accounts": 1}
    assert await rows_of(nobody) == {}
    assert await sweep(nobody) == {}


async def test_other_rows_stay_and_what_hangs_on_a_swept_one_goes(
    stored, start, visit, receiver, eventually
):
    visitor = visit(start(*SMALL, *stored.args))
    nobody, guest = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    mine, theirs = of_run(visitor), of_run(visitor, OTHER)
    supplier = of_run(await mine.sign_in("supplier"))
    other_supplier = of_run(await theirs.sign_in("supplier"), OTHER)
    couple = of_run(await mine.sign_in("couple"))
    other_couple = of_run(await theirs.sign_in("couple"), OTHER)
    await nobody.listen(f"{receiver.url}/hooks", accounts="all")
    kept, others, swept = [await s.create_form() for s in (nobody, other_supplier, supplier)]
    for form in (kept, others, swept):
        for somebody in (guest, other_couple, couple):
            await somebody.connect(form)
            assert (await somebody.submit(form)).status == 201
    await settled(visitor, eventually, webhooks=18)
    assert await rows_of(nobody) == {
        "accounts": 2,
        "forms": 1,
        "connections": 3,
        "submissions": 3,
        "journeys": 3,
        "journey_steps": 9,
        "webhook_messages": 6,
        "webhook_deliveries": 6,
    }

    await sweep(nobody)
    assert await rows_of(nobody) == {}
    # What the other run sent to the swept form is gone with it; that it was told of is not.
    assert await rows_of(nobody, OTHER) == {
        "accounts": 2,
        "forms": 1,
        "connections": 2,
        "submissions": 2,
        "journeys": 2,
        "journey_steps": 6,
        "webhook_messages": 6,
        "webhook_deliveries": 6,
    }
    found = await stored.rows("SELECT id, submissions FROM forms ORDER BY submissions, id")
    assert found == sorted([(kept, 2), (others, 2)])
    assert await stored.rows("SELECT count(*) FROM webhook_endpoints") == [(1,)]

    await sweep(nobody, OTHER)
    assert await stored.rows("SELECT id, submissions FROM forms") == [(kept, 1)]
    assert await filled(stored) == {
        "accounts": 2,
        "forms": 1,
        "connections": 1,
        "submissions": 1,
        "journeys": 1,
        "journey_steps": 3,
        "webhook_messages": 6,
        "webhook_deliveries": 6,
        "webhook_endpoints": 1,
    }


async def test_account_passes_to_whoever_signs_in_to_it_later(stored, start, visit):
    visitor = visit(start(*SMALL, *stored.args))
    mine, theirs = of_run(visitor), of_run(visitor, OTHER)
    nobody = await visitor.sign_in("supplier")
    email = "shared@example.com"
    first = await mine.sign_in("supplier", email)
    assert (await mine.sign_in("supplier", email)).id == first.id
    assert await rows_of(nobody) == {"accounts": 1}
    second = of_run(await theirs.sign_in("supplier", email), OTHER)
    assert second.id == first.id
    await second.create_form()
    assert await sweep(nobody) == {}
    await second.create_form()
    assert await rows_of(nobody, OTHER) == {"accounts": 1, "forms": 2}
    # One that no run made is never one's, and one that nobody's request used is not any more.
    assert (await mine.sign_in("supplier", nobody.email)).id == nobody.id
    assert (await visitor.sign_in("supplier", email)).id == first.id
    assert await sweep(nobody, OTHER) == {"forms": 2}
    assert await sweep(nobody) == {}
    assert sorted(await stored.rows("SELECT id, run_id FROM accounts")) == sorted(
        [(nobody.id, None), (first.id, None)]
    )


async def test_forms_go_with_their_supplier_and_what_nobody_claims_stays(stored, start, visit):
    visitor = visit(start(*SMALL, *stored.args))
    nobody, mine = await visitor.sign_in("supplier"), of_run(visitor)
    supplier, couple = await mine.sign_in("supplier"), await mine.sign_in("couple")
    form, own = await nobody.create_form(), await supplier.create_form()
    for each in (form, own):
        await couple.connect(each)
        assert (await couple.submit(each)).status == 201
    assert await rows_of(nobody) == {"accounts": 2}
    assert await sweep(nobody) == {"accounts": 2}
    assert await stored.rows("SELECT id, submissions FROM forms") == [(form, 1)]
    assert await stored.rows("SELECT form_id, couple_id FROM submissions") == [(form, couple.id)]
    assert await stored.rows("SELECT form_id, couple_id FROM connections") == [(form, couple.id)]


async def test_tokens_of_the_run_end_but_the_callers_may_sweep_again(visitor):
    run = "tokens-end"
    mine = of_run(visitor, run)
    supplier, couple = await mine.sign_in("supplier"), await mine.sign_in("couple")
    colleague = await mine.sign_in("supplier")
    assert (await sweep(supplier, run)) == {"accounts": 3}
    for somebody in (couple, colleague, supplier):
        answer = await somebody.post("/api/calendar/schedule", {})
        assert (answer.status, answer.body["error"]["code"]) == (401, "unauthorized")
    assert (await visitor.get("/api/realtime/events", headers=couple.headers)).status == 401
    assert (await colleague.delete(f"/api/test-runs/{run}")).status == 401
    assert await sweep(supplier, run) == {}
    assert await rows_of(supplier, run) == {}
    again = await mine.sign_in("supplier", supplier.email)
    assert again.id != supplier.id
    assert await sweep(again, run) == {"accounts": 1}


async def test_a_big_run_goes_in_many_transactions(stored, start, visit, eventually):
    visitor = visit(start(*SMALL, *stored.args))
    nobody, mine = await visitor.sign_in("supplier"), of_run(visitor)
    supplier, couple = await mine.sign_in("supplier"), await mine.sign_in("couple")
    supplier, couple = of_run(supplier), of_run(couple)
    form = await nobody.create_form()
    await couple.connect(form)
    answers = await asyncio.gather(*(couple.submit(form) for _ in range(450)))
    assert {answer.status for answer in answers} == {201}
    await asyncio.gather(*(supplier.create_form() for _ in range(201)))
    await settled(visitor, eventually)
    # Whoever comes meanwhile is served, and what they send is not swept.
    deleted, other = await asyncio.gather(sweep(nobody), nobody.create_form())
    assert deleted == {
        "accounts": 2,
        "forms": 201,
        "connections": 1,
        "submissions": 450,
        "journeys": 450,
        "journey_steps": 1350,
    }
    assert await stored.rows("SELECT id, submissions FROM forms ORDER BY id") == [
        (form, 0),
        (other, 0),
    ]


async def test_sweeps_at_once_count_each_row_once(visitor):
    nobody, run = await visitor.sign_in("supplier"), "at-once"
    supplier = of_run(await of_run(visitor, run).sign_in("supplier"), run)
    for _ in range(10):
        await supplier.create_form()
    swept = await asyncio.gather(*(sweep(nobody, run) for _ in range(4)))
    assert sorted(swept, key=len) == [{}, {}, {}, {"accounts": 1, "forms": 10}]


async def test_deleting_by_hand_leaves_less_to_sweep(visitor):
    nobody, run = await visitor.sign_in("supplier"), "by-hand"
    mine = of_run(visitor, run)
    supplier = of_run(await mine.sign_in("supplier"), run)
    form = await supplier.create_form()
    couple = of_run(await mine.sign_in("couple"), run)
    await couple.connect(form)
    assert (await supplier.delete(f"/api/forms/{form}")).status == 204
    assert await sweep(nobody, run) == {"accounts": 2}


@pytest.mark.parametrize("id_", ["", "a b", "-a", "x" * 65, "a/b", "a'--"])
async def test_header_that_names_no_run_is_422_whatever_is_asked(visitor, supplier, id_):
    bad = {HEADER: id_}
    key = {"email": "bad@example.com", "key": "supplier key of the tests"}
    for answer in (
        await supplier.get("/api/suppliers/dashboard", headers=bad),
        await supplier.post("/api/forms/intake", {}, headers=bad),
        await visitor.post("/api/auth/supplier", key, headers=bad),
    ):
        assert answer.wrong_fields.keys() == {HEADER}
    assert (await visitor.get("/api/suppliers/dashboard", headers=bad)).status == 401


@pytest.mark.parametrize("id_", ["a%20b", "-a", "x" * 65, "%C3%BC", "a%27--"])
async def test_path_that_names_no_run_is_422(supplier, id_):
    for method in ("GET", "DELETE"):
        answer = await supplier(method, f"/api/test-runs/{id_}")
        assert answer.wrong_fields.keys() == {"run_id"}


async def test_only_a_supplier_sweeps(visitor, couple):
    for method in ("GET", "DELETE"):
        assert (await visitor(method, f"/api/test-runs/{RUN}")).status == 401
        assert (await couple(method, f"/api/test-runs/{RUN}")).status == 403
