"""Each fault of a third party, seen by a raw client, and told of with its attempt."""

from __future__ import annotations

import asyncio
import json

import httptools
import pytest

from tests.helpers.played import EMAIL
from tests.helpers.waiting import GENEROUS_S, until
from wedload.plan.distribution import Distribution
from wedload.plan.faults import Bandwidth, Fault, Slicer
from wedload.plan.third_parties import Dependency
from wedload.units import NS_PER_MS, NS_PER_S

MAIL = Dependency(simulate="email")
SLOW = Dependency(simulate="email", latency=Distribution.parse("10m"))


def fault(**what) -> Fault:
    return Fault(name="outage", on=("party",), at=0, for_=NS_PER_S, **what)


async def test_what_is_down_resets_each_connection_once_its_request_is_read(play):
    party = await play(MAIL)
    party.faults.set(fault(down=True))
    for number in (1, 2):
        peer = await party.peer()
        peer.send("POST /emails", EMAIL, idempotency_key="k")
        with pytest.raises(ConnectionResetError):
            await peer.rest()
        attempt = (await party.tells(number))[-1]
        assert (attempt.outcome, attempt.status, attempt.done) == ("down", 0, False)
        assert (attempt.operation, attempt.faults) == ("k", ("outage",))
    party.faults.set()
    assert (await (await party.peer()).ask("POST /emails", EMAIL))[0] == 200


async def test_a_status_is_answered_on_a_connection_that_stays(play):
    party = await play(MAIL)
    peer = await party.peer()
    party.faults.set(fault(status=503, retry_after=2 * NS_PER_S))
    status, headers, body = await peer.ask("POST /emails", EMAIL)
    assert (status, headers["retry-after"]) == (503, "2")
    assert json.loads(body)["name"] == "application_error"
    party.faults.set()
    assert (await peer.ask("POST /emails", EMAIL))[0] == 200
    failed, done = await party.tells(2)
    assert (failed.outcome, failed.status, failed.done) == ("status", 503, False)
    assert (failed.retry_after_ns, failed.faults) == (2 * NS_PER_S, ("outage",))
    assert (done.outcome, done.faults) == ("ok", ())


async def test_an_empty_answer_is_a_close_without_a_byte(play):
    party = await play(MAIL)
    party.faults.set(fault(empty=True))
    peer = await party.peer()
    peer.send("POST /emails", EMAIL)
    assert await peer.rest() == b""
    (attempt,) = await party.tells(1)
    assert (attempt.outcome, attempt.status, attempt.done) == ("empty", 0, True)


class Ignored:
    """Callbacks of a parser that nobody looks at."""


@pytest.mark.parametrize("kind", ["chunk", "random"])
async def test_a_malformed_answer_is_none_to_any_parser_and_ends_the_connection(play, kind):
    party = await play(MAIL)
    party.faults.set(fault(malformed=kind))
    peer = await party.peer()
    peer.send("POST /emails", EMAIL)
    data = await peer.rest()
    assert data.startswith(b"HTTP/1.1 200 OK") is (kind == "chunk")
    with pytest.raises(httptools.HttpParserError):
        httptools.HttpResponseParser(Ignored()).feed_data(data)
    (attempt,) = await party.tells(1)
    assert (attempt.outcome, attempt.done) == ("malformed", True)


async def test_a_latency_comes_on_top_and_belongs_to_the_attempt(play):
    party = await play(Dependency(simulate="email", latency=Distribution.parse("5ms")))
    party.faults.set(fault(latency=Distribution.parse("20ms")))
    assert (await (await party.peer()).ask("POST /emails", EMAIL))[0] == 200
    (attempt,) = await party.tells(1)
    assert attempt.ended_ns - attempt.arrived_ns >= 25 * NS_PER_MS
    assert attempt.drawn_ns == 5 * NS_PER_MS
    assert (attempt.outcome, attempt.faults) == ("ok", ("outage",))


async def test_a_latency_towards_the_service_is_no_part_of_the_attempt(play):
    party = await play(MAIL)
    peer = await party.peer()
    party.faults.set(fault(latency=Distribution.parse("20ms"), direction="up"))
    before_ns = party.simulator._clock.now_ns()
    assert (await peer.ask("POST /emails", EMAIL))[0] == 200
    (attempt,) = await party.tells(1)
    assert attempt.arrived_ns - before_ns >= 20 * NS_PER_MS
    assert attempt.faults == ("outage",)


async def test_an_answer_in_slices_is_over_with_its_last_byte(play):
    party = await play(MAIL)
    party.faults.set(fault(slicer=Slicer(size=16, delay=NS_PER_MS)))
    status, _, body = await (await party.peer()).ask("POST /emails", EMAIL)
    assert (status, len(json.loads(body))) == (200, 1)
    (attempt,) = await party.tells(1)
    size = len(body) + 100  # and a head of more than 100 bytes less 48
    assert attempt.ended_ns - attempt.arrived_ns >= (size // 16 - 4) * NS_PER_MS
    assert attempt.outcome == "ok"


async def test_a_narrow_line_takes_its_time(play):
    party = await play(MAIL)
    party.faults.set(fault(bandwidth=Bandwidth(bytes_per_s=2_000)))
    assert (await (await party.peer()).ask("POST /emails", EMAIL))[0] == 200
    (attempt,) = await party.tells(1)
    assert attempt.ended_ns - attempt.arrived_ns >= 50 * NS_PER_MS  # of more than 100 bytes
    assert attempt.faults == ("outage",)


async def test_an_answer_is_cut_after_so_many_bytes(play):
    party = await play(MAIL)
    party.faults.set(fault(limit_data=30))
    peer = await party.peer()
    peer.send("POST /emails", EMAIL)
    assert len(await peer.rest()) == 30
    (attempt,) = await party.tells(1)
    assert (attempt.outcome, attempt.status, attempt.done) == ("cut", 0, True)
    assert attempt.faults == ("outage",)


async def test_a_reset_takes_the_answer(play):
    party = await play(MAIL)
    party.faults.set(fault(reset=True))
    peer = await party.peer()
    peer.send("POST /emails", EMAIL)
    with pytest.raises(ConnectionResetError):
        await peer.rest()
    (attempt,) = await party.tells(1)
    assert (attempt.outcome, attempt.status, attempt.done) == ("reset", 0, True)


async def test_nothing_comes_until_the_client_has_had_enough(play):
    party = await play(MAIL)
    party.faults.set(fault(timeout=True))
    peer = await party.peer()
    peer.send("POST /emails", EMAIL)
    await until(lambda: party.simulator._service.counts()["emails"] == 1)
    peer.hang_up()
    (attempt,) = await party.tells(1)
    assert (attempt.outcome, attempt.status, attempt.done) == ("timeout", 0, True)
    assert attempt.faults == ("outage",)


async def test_nothing_comes_and_then_the_connection_is_closed(play):
    party = await play(MAIL)
    party.faults.set(fault(timeout=20 * NS_PER_MS))
    peer = await party.peer()
    peer.send("POST /emails", EMAIL)
    assert await peer.rest() == b""
    (attempt,) = await party.tells(1)
    assert attempt.outcome == "timeout"
    assert attempt.ended_ns - attempt.arrived_ns >= 20 * NS_PER_MS


async def test_a_close_that_comes_late_is_no_part_of_the_attempt(play):
    party = await play(MAIL)
    party.faults.set(fault(slow_close=30 * NS_PER_MS))
    peer = await party.peer()
    status, _, _ = await peer.ask("POST /emails", EMAIL, connection="close")
    (attempt,) = await party.tells(1)
    assert (status, attempt.outcome) == (200, "ok")
    assert await peer.rest() == b""
    assert party.simulator._clock.now_ns() - attempt.ended_ns >= 30 * NS_PER_MS


async def test_what_is_held_when_a_fault_ends_comes_then(play):
    party = await play(MAIL)
    party.faults.set(fault(timeout=True))
    peer = await party.peer()
    peer.send("POST /emails", EMAIL)
    await until(lambda: party.simulator._service.counts()["emails"] == 1)
    party.faults.set()
    assert (await peer.answer())[0] == 200
    (attempt,) = await party.tells(1)
    assert (attempt.outcome, attempt.status, attempt.faults) == ("ok", 200, ("outage",))


async def test_toxicity_spares_a_share_of_requests_on_one_connection(play):
    party = await play(MAIL)
    party.faults.set(fault(status=500, toxicity=0.5))
    peer = await party.peer()
    found = [(await peer.ask("POST /emails", EMAIL))[0] for _ in range(60)]
    assert {200, 500} == set(found)
    assert [attempt.status for attempt in await party.tells(60)] == found


async def test_a_client_that_hangs_up_in_the_latency_is_told_of(play):
    party = await play(SLOW)
    peer = await party.peer()
    peer.send("POST /emails", EMAIL, traceparent=f"00-{'a' * 32}-{'b' * 16}-01")
    await until(lambda: party.simulator._service.counts()["emails"] == 1)
    peer.hang_up()
    (attempt,) = await party.tells(1)
    assert (attempt.outcome, attempt.status, attempt.done) == ("gone", 0, True)
    assert (attempt.operation, attempt.drawn_ns) == ("a" * 32, 600 * NS_PER_S)


async def test_a_client_that_resets_is_told_of(play):
    party = await play(SLOW)
    peer = await party.peer()
    peer.send("POST /emails", EMAIL)
    await until(lambda: party.simulator._service.counts()["emails"] == 1)
    peer.writer.transport.abort()
    assert (await party.tells(1))[0].outcome == "gone"


async def test_what_is_under_way_when_it_is_closed_is_told_of(play):
    party = await play(SLOW)
    peer = await party.peer()
    for _ in range(3):
        peer.send("POST /emails", EMAIL)
    await until(lambda: party.simulator._service.counts()["emails"] == 1)
    async with asyncio.timeout(GENEROUS_S):
        await party.simulator.close()
    attempts = await party.tells(3)  # the second and the third were not yet their turn
    assert [attempt.outcome for attempt in attempts] == ["gone"] * 3
    assert [attempt.done for attempt in attempts] == [True, False, False]
