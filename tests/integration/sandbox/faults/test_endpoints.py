"""Faults of the platform's own services, as clients, receivers and subscribers suffer them."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from tests.helpers.waiting import GENEROUS_S

TOKEN = {"X-Sandbox-Token": "token of the tests"}
PATH = "/_sandbox/faults"


@pytest.fixture
def environment(monkeypatch):
    monkeypatch.setenv("WEDLOAD_SANDBOX_TOKEN", TOKEN["X-Sandbox-Token"])
    monkeypatch.setenv("WEDLOAD_SUPPLIER_KEY", "supplier key of the tests")
    monkeypatch.setenv("WEDLOAD_COUPLE_KEY", "couple key of the tests")


@pytest.fixture
def platform(environment, start, visit):
    """A visitor of a server that lets faults be armed."""
    return lambda *args: visit(start("--suppliers", "1", "--rate-limit", "0", *args))


async def arm(visitor, *faults):
    answer = await visitor.post(PATH, {"faults": list(faults)}, headers=TOKEN)
    assert (answer.status, answer.body) == (200, {"armed": len(faults)})


async def disarm(visitor):
    assert (await visitor("DELETE", PATH, headers=TOKEN)).status == 204


async def hits(visitor):
    return (await visitor.get("/_sandbox/counts")).body["faults"]


async def test_without_a_token_of_its_own_there_is_no_such_path(visitor):
    for method in ("POST", "DELETE"):
        answer = await visitor(method, PATH, {"faults": []}, headers=TOKEN)
        assert (answer.status, answer.body["error"]["code"]) == (404, "not_found")


async def test_only_who_has_the_token_may_arm(platform):
    visitor = platform()
    for headers in ({}, {"X-Sandbox-Token": "another"}):
        answer = await visitor.post(PATH, {"faults": []}, headers=headers)
        assert answer.status == 401
    wrong = {"faults": [{"service": "api", "donw": True}]}
    answer = await visitor.post(PATH, wrong, headers=TOKEN)
    assert "faults[0].donw" in answer.wrong_fields


async def test_the_api_answers_with_the_status_of_a_fault_until_it_is_ended(platform):
    visitor = platform()
    supplier = await visitor.sign_in("supplier")
    await arm(visitor, {"service": "api", "status": 503})
    answer = await supplier.get("/api/suppliers/dashboard")
    assert (answer.status, answer.body["error"]["code"]) == (503, "fault")
    assert (await visitor.get("/healthz")).status == 200  # which is not the platform's API
    assert (await hits(visitor))["api"] == 1
    await disarm(visitor)
    assert (await supplier.get("/api/suppliers/dashboard")).status == 200
    requests = (await visitor.get("/_sandbox/counts")).body["requests"]
    assert requests["GET /api/suppliers/dashboard"] == {"200": 1, "503": 1}


async def test_the_api_answers_later(platform):
    visitor = platform()
    supplier = await visitor.sign_in("supplier")
    await arm(visitor, {"service": "api", "latency_ms": 80})
    began = time.perf_counter()
    assert (await supplier.get("/api/suppliers/dashboard")).status == 200
    assert time.perf_counter() - began >= 0.08


async def test_down_the_api_breaks_connections_without_an_answer(platform):
    visitor = platform()
    supplier = await visitor.sign_in("supplier")
    await arm(visitor, {"service": "api", "down": True})
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
        await supplier.post("/api/forms/intake", {})
    await disarm(visitor)
    assert await supplier.create_form()


async def test_a_fault_that_is_over_hits_nobody(platform):
    visitor = platform()
    supplier = await visitor.sign_in("supplier")
    await arm(visitor, {"service": "api", "status": 500, "begin_s": 600, "end_s": 601})
    assert (await supplier.get("/api/suppliers/dashboard")).status == 200
    assert (await hits(visitor))["api"] == 0


async def test_a_share_of_answers_is_hit_and_the_same_ones_with_the_same_seed(platform):
    async def statuses():
        visitor = platform("--seed", "5")
        supplier = await visitor.sign_in("supplier")
        await arm(visitor, {"service": "api", "status": 500, "toxicity": 0.5})
        return [(await supplier.get("/api/suppliers/dashboard")).status for _ in range(30)]

    first = await statuses()
    assert 5 < first.count(500) < 25
    assert await statuses() == first


async def test_without_its_database_the_platform_says_so(platform, database):
    visitor = platform(*database())
    supplier = await visitor.sign_in("supplier")
    await arm(visitor, {"service": "database", "down": True})
    answer = await supplier.get("/api/suppliers/dashboard")
    assert (answer.status, answer.body["error"]["code"]) == (503, "unavailable")
    assert (await hits(visitor))["database"] == 1  # which asking for it did not add to
    await disarm(visitor)
    assert (await supplier.get("/api/suppliers/dashboard")).status == 200


async def test_each_transaction_waits_for_a_slow_database(platform):
    visitor = platform()
    supplier = await visitor.sign_in("supplier")
    await arm(visitor, {"service": "database", "latency_ms": 60})
    answer = await supplier.get("/api/suppliers/dashboard")
    waited_ms = float(answer.headers["Server-Timing"].partition("db;dur=")[2].partition(",")[0])
    assert (answer.status, waited_ms >= 60) == (200, True)


@pytest.mark.parametrize("toxicity", [1.0, 0.999])
async def test_webhooks_that_are_down_come_afterwards(platform, receiver, eventually, toxicity):
    visitor = platform("--webhook-concurrency", "1")
    supplier = await visitor.sign_in("supplier")
    await supplier.listen(f"{receiver.url}/hooks")
    await arm(visitor, {"service": "webhooks", "down": True, "toxicity": toxicity})
    messages = [await supplier.trigger() for _ in range(5)]
    await asyncio.sleep(0.15)
    assert receiver.arrivals == []
    assert (await supplier.delivery(messages[0]))["state"] == "pending"
    await disarm(visitor)

    async def arrived():
        return [each.id for each in receiver.arrivals]

    found = await eventually(arrived, lambda found: len(found) == 5)
    assert sorted(found) == sorted(messages)
    if toxicity == 1:
        assert found == messages


async def test_webhooks_are_sent_later_and_in_order(platform, receiver, eventually):
    visitor = platform("--webhook-concurrency", "1")
    supplier = await visitor.sign_in("supplier")
    await supplier.listen(f"{receiver.url}/hooks")
    await arm(visitor, {"service": "webhooks", "latency_ms": 100, "jitter_ms": 50})
    began = time.monotonic()
    messages = [await supplier.trigger() for _ in range(10)]

    async def arrived():
        return list(receiver.arrivals)

    found = await eventually(arrived, lambda found: len(found) == 10)
    assert [each.id for each in found] == messages
    assert min(each.at_s for each in found) - began >= 0.05
    assert (await hits(visitor))["webhooks"] == 10


async def test_realtime_connections_are_closed_and_refused_while_it_is_down(platform, http):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    url = f"{visitor.url}/api/realtime/ws"
    async with asyncio.timeout(GENEROUS_S), http.ws_connect(url, headers=couple.headers) as ws:
        await arm(visitor, {"service": "realtime", "down": True})
        assert (await ws.receive()).type is aiohttp.WSMsgType.CLOSE
        assert ws.close_code == 1012
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(url, headers=couple.headers)
        assert refused.value.status == 503
        assert (await couple.get("/api/realtime/events")).status == 503
        await disarm(visitor)
        async with http.ws_connect(url, headers=couple.headers) as again:
            await again.send_json({"type": "ping"})
            assert (await again.receive_json())["type"] == "pong"


async def test_an_event_stream_ends_when_realtime_goes_down(platform, http):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    url = f"{visitor.url}/api/realtime/events"
    async with asyncio.timeout(GENEROUS_S), http.get(url, headers=couple.headers) as stream:
        await stream.content.readline()
        await arm(visitor, {"service": "realtime", "down": True})
        await stream.content.read()  # until its end
        assert stream.content.at_eof()


async def test_realtime_messages_come_later_and_in_order(platform, http):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    url = f"{visitor.url}/api/realtime/ws"
    async with asyncio.timeout(GENEROUS_S), http.ws_connect(url, headers=couple.headers) as ws:
        await ws.send_json({"type": "subscribe", "topic": "news"})
        await ws.receive_json()
        await arm(visitor, {"service": "realtime", "latency_ms": 80, "jitter_ms": 40})
        began = time.perf_counter()
        for n in range(10):
            await ws.send_json({"type": "publish", "topic": "news", "data": n})
        heard = [(await ws.receive_json())["data"] for _ in range(10)]
        assert heard == list(range(10))
        assert time.perf_counter() - began >= 0.04
