"""Faults that come and go under load: what was carried out is told, and each request once."""

from __future__ import annotations

import asyncio
from itertools import cycle

from tests.helpers.faults import a_fault
from tests.helpers.played import EMAIL
from tests.helpers.waiting import until
from wedload.plan.distribution import Distribution
from wedload.plan.third_parties import Dependency, Errors, Quota
from wedload.simulators.limits import Limits
from wedload.units import NS_PER_S

CLIENTS, REQUESTS = 8, 40
FAULTS = (
    (),
    (a_fault("down", down=True, toxicity=0.5),),
    (a_fault("slow", latency="3ms", jitter="2ms"), a_fault("errors", status=503, toxicity=0.3)),
    (a_fault("short", limit_data=200, toxicity=0.5),),
    (a_fault("reset", reset=True, toxicity=0.5),),
    (a_fault("empty", empty=True, toxicity=0.4), a_fault("odd", malformed="random", toxicity=0.4)),
    (a_fault("hung", timeout="4ms", toxicity=0.5),),
    (a_fault("slices", slicer={"size": 20, "delay": 100_000}),),
)
DEPENDENCY = Dependency(
    simulate="email",
    latency=Distribution.parse("uniform(0ms, 3ms)"),
    errors=(Errors(ratio=0.05),),
    quota=Quota(200, 3_600 * NS_PER_S),
)


async def test_no_more_is_read_while_a_fault_holds_many_answers_and_then_all_are_given(play):
    party = await play(Dependency(simulate="email"), limits=Limits(held_bytes=1_000))
    party.faults.set(a_fault("hung", timeout=True))
    peer = await party.peer()
    number = 50
    for _ in range(number):
        peer.send("POST /emails", EMAIL)
    await until(lambda: bool(party.simulator._hub.connections))
    (connection,) = party.simulator._hub.connections
    await until(lambda: not connection._transport.is_reading())
    assert connection._down.held_bytes > 1_000
    party.faults.set()
    for _ in range(number):
        assert (await peer.answer())[0] == 200
    assert connection._transport.is_reading()
    assert [one.outcome for one in await party.tells(number)] == ["ok"] * number


async def test_who_gives_up_on_a_long_answer_that_a_fault_holds_is_seen_to(play):
    party = await play(Dependency(simulate="email"), limits=Limits(held_bytes=10))
    party.faults.set(a_fault("hung", timeout=True))
    peer = await party.peer()
    peer.send("POST /emails", EMAIL)
    await until(lambda: party.simulator.oldest_ns() is not None)
    peer.hang_up()
    (attempt,) = await party.tells(1)
    assert (attempt.outcome, attempt.faults) == ("timeout", ("hung",))


async def test_what_is_carried_out_is_told_whatever_goes_wrong_meanwhile(play):
    party = await play(DEPENDENCY)
    answered: list[int] = []
    failed = 0

    async def client() -> None:
        nonlocal failed
        peer = await party.peer()
        for _ in range(REQUESTS):
            try:
                status, *_ = await peer.ask("POST /emails", EMAIL)
                answered.append(status)
            except (OSError, asyncio.IncompleteReadError, ValueError, asyncio.LimitOverrunError):
                failed += 1
                peer.hang_up()
                peer = await party.peer()

    async def changes() -> None:
        for faults in cycle(FAULTS):
            party.faults.set(*faults)
            await asyncio.sleep(0.005)

    changing = asyncio.create_task(changes())
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    changing.cancel()
    party.faults.set()
    for peer in party.peers:
        peer.hang_up()
    await until(lambda: not party.simulator._hub.connections)
    outcomes = [attempt.outcome for attempt in party.told]
    assert failed
    assert {"ok", "down", "status"} <= set(outcomes)
    assert len(answered) + failed == CLIENTS * REQUESTS
    # a request on a connection that is being closed may never be read
    assert len(answered) <= len(outcomes) <= CLIENTS * REQUESTS
    for status, told_as in ((200, ("ok",)), (429, ("quota",)), (503, ("error", "status"))):
        assert answered.count(status) <= sum(outcome in told_as for outcome in outcomes)
    emails = party.simulator._service.counts()["emails"]
    assert emails == sum(attempt.done for attempt in party.told) <= 200
    assert all(one.arrived_ns <= one.ended_ns for one in party.told)
    assert all(one.faults for one in party.told if one.outcome in ("down", "cut", "timeout"))
