"""What is done about webhooks that do not arrive at once, also over a restart."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sqlite3
import ssl
import time
from email.utils import formatdate

import pytest
import trustme
from aiohttp import web
from standardwebhooks.webhooks import Webhook

QUICK = ("--webhook-retries", "5ms,10ms,20ms")


@pytest.fixture
def platform(start, database, visit):
    """Starts a server with these options and signs a supplier in."""

    async def start_one(*options, **others):
        visitor = visit(start(*database(), "--rate-limit", "0", *options, **others))
        return await visitor.sign_in("supplier")

    return start_one


@pytest.fixture
def settled(eventually):
    async def wait(client, message):
        return await eventually(
            lambda: client.delivery(message), lambda status: status["state"] != "pending"
        )

    return wait


def script(*answers):
    """Answers one after the other, the last for ever."""
    given = itertools.chain(answers, itertools.repeat(answers[-1]))

    def answer(_):
        found = next(given)
        return found() if callable(found) else found

    return answer


async def webhooks(client):
    return (await client.get("/_sandbox/counts")).body["webhooks"]


async def test_failed_attempts_are_repeated_with_the_same_id_and_a_signature_of_their_own(
    platform, receiver, settled
):
    supplier = await platform(*QUICK)
    made = await supplier.listen(f"{receiver.url}/")
    receiver.scripts["/"] = script(503, 500, 204)
    message = await supplier.trigger()
    status = await settled(supplier, message)
    assert (status["state"], status["attempts"]) == ("delivered", 3)
    assert [arrival.id for arrival in receiver.arrivals] == [message] * 3
    assert len({arrival.body for arrival in receiver.arrivals}) == 1
    for arrival in receiver.arrivals:
        Webhook(made["secret"]).verify(arrival.body, arrival.headers)
    counted = await webhooks(supplier)
    assert counted["attempts"] == 3
    assert counted["retries"] == 2
    assert (counted["delivered"], counted["failed"], counted["pending"]) == (1, 0, 0)


@pytest.mark.parametrize("answer", [500, 302, 404, 304])
async def test_after_the_last_retry_it_has_failed(platform, receiver, settled, answer):
    supplier = await platform(*QUICK)
    await supplier.listen(f"{receiver.url}/")
    receiver.scripts["/"] = lambda _: web.Response(status=answer, headers={"Location": "/else"})
    status = await settled(supplier, await supplier.trigger())
    assert status["delivered"] is False
    assert (status["state"], status["attempts"]) == ("failed", 4)
    assert status["deliveries"][0]["answer"] == str(answer)
    assert len(receiver.at("/")) == 4
    assert receiver.at("/else") == []  # no redirection is followed
    assert (await webhooks(supplier))["failed"] == 1


async def test_without_retries_the_first_failure_is_the_last(platform, receiver, settled):
    supplier = await platform("--webhook-retries", "none")
    await supplier.listen(f"{receiver.url}/")
    receiver.scripts["/"] = script(500)
    status = await settled(supplier, await supplier.trigger())
    assert (status["state"], status["attempts"]) == ("failed", 1)


async def test_timestamp_is_that_of_the_attempt(platform, receiver, settled):
    supplier = await platform(*QUICK)
    await supplier.listen(f"{receiver.url}/")
    again = web.Response(status=503, headers={"Retry-After": "2"})
    receiver.scripts["/"] = script(again, 204)
    await settled(supplier, await supplier.trigger())
    first, second = (int(a.headers["webhook-timestamp"]) for a in receiver.arrivals)
    assert second - first >= 1


async def test_410_disables_the_endpoint_and_all_that_waits_for_it(platform, receiver, settled):
    supplier = await platform("--webhook-retries", "600s", "--webhook-concurrency", "1")
    made = await supplier.listen(f"{receiver.url}/gone")
    await supplier.listen(f"{receiver.url}/stays")
    receiver.scripts["/gone"] = script(500, 410)
    first, second = await supplier.trigger(), await supplier.trigger()
    for message in (first, second):
        status = await settled(supplier, message)
        states = {delivery["endpoint_id"]: delivery["state"] for delivery in status["deliveries"]}
        assert states.pop(made["id"]) == "disabled"
        assert set(states.values()) == {"delivered"}
        assert status["state"] == "disabled"
    listed = (await supplier.get("/api/webhooks/endpoints")).body["endpoints"]
    assert [endpoint["state"] for endpoint in listed] == ["disabled", "enabled"]
    answer = await supplier.post("/api/webhooks/trigger", {"event": "a", "payload": 1})
    assert answer.body["deliveries"] == 1
    await settled(supplier, answer.body["id"])
    assert len(receiver.at("/gone")) == 2
    assert (await webhooks(supplier))["disabled"] == 2


@pytest.mark.parametrize("as_date", [False, True])
async def test_429_quietens_the_whole_endpoint_for_as_long_as_it_asks(
    platform, receiver, settled, as_date
):
    supplier = await platform(*QUICK, "--webhook-concurrency", "1")
    await supplier.listen(f"{receiver.url}/limited")

    def wait():
        # A date has whole seconds only: the next but one is at least one second off.
        value = formatdate(time.time() + 2, usegmt=True) if as_date else "1"
        return web.Response(status=429, headers={"Retry-After": value})

    receiver.scripts["/limited"] = script(wait, lambda: 204)
    limited = [await supplier.trigger() for _ in range(5)]
    for message in limited:
        assert (await settled(supplier, message))["state"] == "delivered"
    refused, *others = receiver.at("/limited")
    assert min(arrival.at_s for arrival in others) - refused.at_s >= 0.95


async def test_502_and_504_quieten_it_too_but_503_does_not(platform, receiver, settled):
    supplier = await platform("--webhook-retries", "600s", "--webhook-concurrency", "1")
    for path, status in (("/502", 502), ("/504", 504), ("/503", 503)):
        receiver.scripts[path] = script(status, 204)
        await supplier.listen(f"{receiver.url}{path}", events=[path[1:]])
    for event in ("502", "504", "503"):
        await supplier.trigger(event)
        second = await supplier.trigger(event)
    await settled(supplier, second)
    assert [len(receiver.at(path)) for path in ("/502", "/504", "/503")] == [1, 1, 2]


async def test_receiver_that_does_not_answer_is_given_up_in_time(platform, receiver, settled):
    supplier = await platform(*QUICK, "--webhook-timeout", "0.2")
    await supplier.listen(f"{receiver.url}/")
    receiver.scripts["/"] = script(receiver.hang, 204)
    status = await settled(supplier, await supplier.trigger())
    assert (status["state"], status["attempts"]) == ("delivered", 2)
    slow = await supplier.listen(f"{receiver.url}/slow")
    receiver.scripts["/slow"] = script(receiver.hang)
    status = await settled(supplier, await supplier.trigger())
    other = {delivery["endpoint_id"]: delivery for delivery in status["deliveries"]}
    assert other[slow["id"]]["answer"] == "time-out"
    assert other[slow["id"]]["state"] == "failed"


async def test_receiver_that_is_not_there_is_tried_again(platform, settled):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    supplier = await platform(*QUICK)
    await supplier.listen(f"http://127.0.0.1:{port}/")
    status = await settled(supplier, await supplier.trigger())
    assert (status["state"], status["attempts"]) == ("failed", 4)
    assert "refused" in status["deliveries"][0]["answer"].lower()


async def test_only_so_many_are_under_way_to_one_endpoint_and_others_do_not_wait(
    platform, receiver, settled, eventually
):
    supplier = await platform("--webhook-concurrency", "3")
    release = asyncio.Event()
    under_way = most = 0

    async def slowly():
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await release.wait()
        under_way -= 1
        return 204

    receiver.scripts["/slow"] = lambda _: slowly()
    await supplier.listen(f"{receiver.url}/slow", events=["slow"])
    await supplier.listen(f"{receiver.url}/fast", events=["fast"])
    slow = [await supplier.trigger("slow") for _ in range(10)]
    fast = await supplier.trigger("fast")
    assert (await settled(supplier, fast))["state"] == "delivered"

    async def now():
        return under_way

    await eventually(now, lambda count: count == 3)
    release.set()
    for message in slow:
        assert (await settled(supplier, message))["state"] == "delivered"
    assert most == 3
    assert {arrival.json["sequence"] for arrival in receiver.at("/slow")} == set(range(1, 11))


async def test_one_at_a_time_keeps_the_order(platform, receiver, settled):
    supplier = await platform("--webhook-concurrency", "1")
    await supplier.listen(f"{receiver.url}/")
    messages = await asyncio.gather(*(supplier.trigger(payload=n) for n in range(300)))
    for message in messages:
        await settled(supplier, message)
    assert [arrival.json["sequence"] for arrival in receiver.arrivals] == list(range(1, 301))


async def test_what_waits_for_a_deleted_endpoint_is_not_sent(platform, receiver, settled):
    supplier = await platform("--webhook-retries", "600s")
    made = await supplier.listen(f"{receiver.url}/")
    receiver.scripts["/"] = script(500)
    message = await supplier.trigger()
    while not receiver.arrivals:
        await asyncio.sleep(0.002)
    assert (await supplier.delete(f"/api/webhooks/endpoints/{made['id']}")).status == 204
    assert (await settled(supplier, message))["state"] == "disabled"
    assert len(receiver.arrivals) == 1


async def test_certificate_of_a_trusted_authority_is_accepted_and_no_other(
    start, visit, tmp_path, settled, monkeypatch
):
    trusted, unknown = trustme.CA(), trustme.CA()
    trusted.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    supplier = await visit(start(*QUICK)).sign_in("supplier")

    async def accept(_):
        return web.Response(status=204)

    answers = []
    for authority in (trusted, unknown):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        app = web.Application()
        app.router.add_post("/", accept)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        listener = socket.create_server(("127.0.0.1", 0))
        await web.SockSite(runner, listener, ssl_context=context).start()
        made = await supplier.listen(f"https://localhost:{listener.getsockname()[1]}/")
        status = await settled(supplier, await supplier.trigger())
        await supplier.delete(f"/api/webhooks/endpoints/{made['id']}")
        await runner.cleanup()
        answers.append(status["deliveries"][0])
    assert [answer["state"] for answer in answers] == ["delivered", "failed"]
    assert answers[0]["answer"] == "204"
    assert "certificate" in answers[1]["answer"].lower()


# --- Restarts -------------------------------------------------------------------------------------


@pytest.fixture
def kept(database, tmp_path):
    """The same database for one server after the other."""
    arguments = database() or ("--dsn", f"sqlite:///{tmp_path / 'kept.db'}")
    return (*arguments, "--rate-limit", "0")


async def test_what_an_earlier_run_did_not_deliver_the_next_one_does(
    start, visit, kept, receiver, settled
):
    server = start(*kept, "--webhook-retries", "10ms,600s")
    supplier = await visit(server).sign_in("supplier", "kept@example.com")
    made = await supplier.listen(f"{receiver.url}/", secret="whsec_" + "A" * 32)
    await settled(supplier, await supplier.trigger("delivered.before"))
    receiver.scripts["/"] = script(500)
    message = await supplier.trigger("waits")
    while (await supplier.delivery(message))["attempts"] < 2:
        await asyncio.sleep(0.005)
    assert server.stop() == 0
    assert server.errors == ""
    receiver.scripts["/"] = script(204)
    before = len(receiver.arrivals)

    # The retry is not due for minutes: what was started with then still counts.
    supplier = await visit(start(*kept)).sign_in("supplier", "kept@example.com")
    later = await supplier.trigger("later")
    assert (await settled(supplier, later))["deliveries"][0]["sequence"] == 3
    assert (await supplier.delivery(message))["state"] == "pending"
    assert [arrival.id for arrival in receiver.arrivals[before:]] == [later]
    listed = (await supplier.get("/api/webhooks/endpoints")).body["endpoints"]
    assert [endpoint["id"] for endpoint in listed] == [made["id"]]
    for arrival in receiver.arrivals:
        Webhook("A" * 32).verify(arrival.body, arrival.headers)


async def test_killed_server_loses_nothing_that_it_accepted(
    start, visit, kept, receiver, settled, eventually
):
    server = start(*kept)
    supplier = await visit(server).sign_in("supplier", "kept@example.com")
    await supplier.listen(f"{receiver.url}/")
    receiver.scripts["/"] = script(receiver.hang)
    accepted = await asyncio.gather(*(supplier.trigger(payload=n) for n in range(50)))
    while not receiver.arrivals:
        await asyncio.sleep(0.002)
    server.kill()
    receiver.scripts.clear()
    receiver.arrivals.clear()

    supplier = await visit(start(*kept)).sign_in("supplier", "kept@example.com")
    for message in accepted:
        assert (await settled(supplier, message))["state"] == "delivered"
    assert {arrival.id for arrival in receiver.arrivals} == set(accepted)
    counted = await webhooks(supplier)
    assert (counted["resumed"], counted["delivered"], counted["pending"]) == (50, 50, 0)
    numbered = {(arrival.id, arrival.json["sequence"]) for arrival in receiver.arrivals}
    assert sorted(sequence for _, sequence in numbered) == list(range(1, 51))


async def test_what_happened_and_was_never_queued_is_told_after_a_restart_and_only_once(
    start, visit, tmp_path, receiver, eventually
):
    file = tmp_path / "kept.db"
    server = start("--dsn", f"sqlite:///{file}")
    visitor = visit(server)
    supplier, couple = await visitor.sign_in("supplier"), await visitor.sign_in("couple")
    await supplier.listen(f"{receiver.url}/both")
    await supplier.listen(f"{receiver.url}/started", events=["journey.started"])
    form = await supplier.create_form()
    await couple.connect(form)
    submission = (await couple.submit(form)).body["id"]

    async def told():
        return sorted((arrival.path, arrival.id) for arrival in receiver.arrivals)

    all_of_it = [
        ("/both", f"journey_{submission}"),
        ("/both", f"submission_{submission}"),
        ("/started", f"journey_{submission}"),
    ]
    assert await eventually(told, lambda arrivals: len(arrivals) == 3) == all_of_it
    assert server.stop() == 0
    receiver.arrivals.clear()
    with sqlite3.connect(file) as connection:
        connection.execute("DELETE FROM webhook_messages")
        connection.execute("DELETE FROM webhook_deliveries")
    connection.close()

    for _ in range(2):
        server = start("--dsn", f"sqlite:///{file}")
        visitor = visit(server)
        await eventually(told, lambda arrivals: len(arrivals) == 3)
        assert server.stop() == 0
    assert await told() == all_of_it


async def test_lost_database_loses_no_message_that_was_accepted(
    start, visit, cluster, receiver, settled
):
    dsn = cluster.new_database()
    supplier = await visit(start("--dsn", dsn, "--rate-limit", "0")).sign_in("supplier")
    await supplier.listen(f"{receiver.url}/")
    accepted = [await supplier.trigger() for _ in range(10)]
    cluster.drop_connections(dsn.partition("@/")[2].partition("?")[0])
    for _ in range(40):
        answer = await supplier.post("/api/webhooks/trigger", {"event": "a", "payload": 1})
        assert answer.status in {202, 503}
        if answer.status == 202:
            accepted.append(answer.body["id"])
    assert len(accepted) > 10
    for message in accepted:
        assert (await settled(supplier, message))["state"] == "delivered"
    assert set(accepted) <= {arrival.id for arrival in receiver.arrivals}
