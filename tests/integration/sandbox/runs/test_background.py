"""What is under way when a run is swept brings no row of it back."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.runs import RUN, SMALL, filled, of_run, rows_of, settled, sweep
from tests.helpers.waiting import until

SLOW_RETRIES = ("--webhook-retries", "500s")


async def signed_in(visitor):
    """A supplier of no run who may sweep, and a supplier and a couple of the run."""
    run = of_run(visitor)
    nobody = await visitor.sign_in("supplier")
    supplier, couple = await run.sign_in("supplier"), await run.sign_in("couple")
    return nobody, of_run(supplier), of_run(couple)


async def sequences(stored):
    return await stored.rows("SELECT sequence, state FROM webhook_deliveries ORDER BY sequence")


async def test_request_that_waits_for_a_third_party_stores_nothing_any_more(
    stored, start, visit, provider, providers
):
    visitor = visit(start(*SMALL, *stored.args, *providers, "--third-party-deadline", "20s"))
    nobody, supplier, couple = await signed_in(visitor)
    form = await supplier.create_form()
    await couple.connect(form)
    when = ["2027-06-05T14:00:00Z"]
    wish = {"supplier_id": 1, "couple_id": 2, "event_type": "wedding", "preferred_times": when}
    booking = {"form_id": form, "responses": {"name": "Us"}, "preferred_times": when}
    provider.moods["calendar.insert"] = provider.moods["email"] = "hang"
    waiting = [
        asyncio.create_task(couple.post(path, body))
        for path, body in (
            ("/api/calendar/schedule", wish),
            ("/api/communications/send", {"template": "a", "recipients": [couple.email]}),
            ("/api/bookings", {**booking, "recipients": [couple.email]}),
            ("/api/forms/submit-resilient", {"responses": {}}),
        )
    ]
    await until(lambda: provider.count("calendar.insert") == 3)
    await until(lambda: provider.count("email.resend") == 2)
    await sweep(nobody)
    assert await filled(stored) == {"accounts": 1}
    provider.closing.set()
    for answer in await asyncio.gather(*waiting):
        assert (answer.status, answer.body["error"]["code"]) == (409, "run_swept")
    assert await filled(stored) == {"accounts": 1}
    # The run's id is nobody's now: whoever comes with it begins anew.
    again = of_run(await of_run(visitor).sign_in("supplier"))
    await again.create_form()
    assert await rows_of(nobody) == {"accounts": 1, "forms": 1}


async def test_webhooks_to_endpoints_of_others_are_still_sent_but_leave_no_row(
    stored, start, visit, receiver, eventually
):
    server = start(*SMALL, *stored.args, "--webhook-concurrency", "1")
    visitor = visit(server)
    nobody, supplier, _ = await signed_in(visitor)
    await nobody.listen(f"{receiver.url}/hooks", accounts="all")
    go_on = asyncio.Event()

    async def hold(_):
        await go_on.wait()
        return 204

    receiver.scripts["/hooks"] = hold
    for _ in range(3):  # one is being sent, two wait behind it
        await supplier.trigger()
    await until(lambda: len(receiver.arrivals) == 1)
    assert await sweep(nobody) == {"accounts": 2, "webhook_messages": 3, "webhook_deliveries": 3}
    go_on.set()
    await nobody.trigger()
    await settled(visitor, eventually, webhooks=4)
    assert [arrival.json["sequence"] for arrival in receiver.arrivals] == [1, 2, 3, 4]
    server.stop()  # it writes what is still to be written
    assert await sequences(stored) == [(4, "delivered")]


async def test_numbers_of_swept_webhooks_are_not_given_again_after_a_restart(
    stored, start, visit, receiver, eventually
):
    server = start(*SMALL, *stored.args)
    visitor = visit(server)
    nobody, supplier, _ = await signed_in(visitor)
    await nobody.listen(f"{receiver.url}/hooks", accounts="all")
    for somebody in (nobody, supplier, supplier):
        await somebody.trigger()
    await settled(visitor, eventually, webhooks=3)
    await sweep(nobody)
    server.stop()
    assert await sequences(stored) == [(1, "delivered")]
    visitor = visit(start(*SMALL, *stored.args))
    nobody = await visitor.sign_in("supplier", nobody.email)
    await nobody.trigger()
    await settled(visitor, eventually, webhooks=1)
    assert sorted(arrival.json["sequence"] for arrival in receiver.arrivals) == [1, 2, 3, 4]


async def test_what_waits_for_an_endpoint_of_the_run_is_disabled_with_it(
    stored, start, visit, receiver
):
    receiver.scripts["/hooks"] = lambda _: 500
    server = start(*SMALL, *stored.args, *SLOW_RETRIES)
    nobody, supplier, _ = await signed_in(visit(server))
    await supplier.listen(f"{receiver.url}/hooks", accounts="all")
    message = await nobody.trigger()
    await until(lambda: receiver.arrivals)
    assert await sweep(nobody) == {"accounts": 2, "webhook_endpoints": 1}
    later = await nobody.trigger()
    server.stop()
    assert await stored.rows("SELECT message_id, state FROM webhook_deliveries") == [
        (message, "disabled")
    ]
    assert sorted(await stored.rows("SELECT id FROM webhook_messages")) == [(message,), (later,)]


async def test_what_an_earlier_server_left_is_swept_and_does_not_come_back(
    stored, start, visit, receiver, eventually
):
    go_on = asyncio.Event()

    async def hold(_):
        await go_on.wait()
        return 204

    receiver.scripts["/hooks"] = hold
    server = start(*SMALL, *stored.args)
    nobody, supplier, _ = await signed_in(visit(server))
    await nobody.listen(f"{receiver.url}/hooks", accounts="all")
    await supplier.trigger()
    await until(lambda: receiver.arrivals)
    server.kill()
    server = start(*SMALL, *stored.args)
    visitor = visit(server)
    await until(lambda: len(receiver.arrivals) == 2)
    nobody = await visitor.sign_in("supplier", nobody.email)
    assert await sweep(nobody) == {"accounts": 2, "webhook_messages": 1, "webhook_deliveries": 1}
    go_on.set()
    await settled(visitor, eventually, webhooks=1)
    server.stop()
    assert await filled(stored) == {"accounts": 1, "webhook_endpoints": 1}


async def test_messages_that_wait_for_a_third_party_are_not_sent_any_more(
    stored, start, visit, provider, providers, eventually
):
    visitor = visit(start(*SMALL, *stored.args, *providers))
    nobody, _, couple = await signed_in(visitor)

    async def outbox():
        return (await visitor.get("/_sandbox/counts")).body["outbox"]

    provider.moods["email"] = (503, {"Retry-After": "300"})
    message = {"template": "welcome", "recipients": [couple.email]}
    assert (await couple.post("/api/communications/send", message)).body["status"] == "queued"
    await eventually(outbox, lambda found: found["tries"] == 1)
    assert await sweep(nobody) == {"accounts": 2, "communications": 1}
    found = await outbox()
    assert (found["waiting"], found["withdrawn"], found["sent"]) == (0, 1, 0)


@pytest.mark.parametrize("sweeps", [1, 5])
async def test_a_run_swept_amid_its_requests_leaves_nothing_once_they_have_ended(
    stored, start, visit, receiver, eventually, sweeps
):
    server = start(*SMALL, *stored.args)
    visitor = visit(server)
    nobody, supplier, couple = await signed_in(visitor)
    await nobody.listen(f"{receiver.url}/hooks", accounts="all")
    kept = await nobody.create_form()
    form = await supplier.create_form()
    for each in (form, kept):
        await couple.connect(each)

    async def hammer(where):
        return [(await couple.submit(where)).status for _ in range(20)]

    async def sweep_now_and_then():
        for _ in range(sweeps):
            await sweep(nobody)

    hammering = [asyncio.create_task(hammer(each)) for each in (form, kept) * 4]
    await sweep_now_and_then()
    answers = {status for statuses in await asyncio.gather(*hammering) for status in statuses}
    assert answers <= {201, 401, 403, 404, 409}
    await sweep(nobody)
    assert await rows_of(nobody) == {}

    async def waiting():
        return (await visitor.get("/_sandbox/counts")).body["webhooks"]["pending"]

    # A journey and its webhook, after all of those, show that the workers have survived them.
    guest = await visitor.sign_in("couple")
    await guest.connect(kept)
    submission = (await guest.submit(kept)).body["id"]
    journey = f"journey_{submission}"
    await until(lambda: any(arrival.id == journey for arrival in receiver.arrivals))
    await eventually(waiting, lambda pending: pending == 0)
    assert server.stop() == 0
    assert "Traceback" not in server.errors
    assert await stored.rows("SELECT id, submissions FROM forms") == [(kept, 1)]
    assert await filled(stored) == {
        "accounts": 2,
        "forms": 1,
        "connections": 1,
        "submissions": 1,
        "journeys": 1,
        "journey_steps": 3,
        "webhook_messages": 2,
        "webhook_deliveries": 2,
        "webhook_endpoints": 1,
    }
    for table in ("submissions", "webhook_messages", "webhook_deliveries"):
        assert await stored.rows(f"SELECT 1 FROM {table} WHERE run_id = '{RUN}'") == []
