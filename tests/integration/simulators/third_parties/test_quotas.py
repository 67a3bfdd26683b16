"""Quotas through real sockets let exactly the allowed number through."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from tests.helpers.played import EMAIL
from wedload.plan.distribution import Distribution
from wedload.plan.third_parties import Dependency, Quota
from wedload.units import NS_PER_MS, NS_PER_S

HOUR_NS = 3_600 * NS_PER_S
EVENTS = "GET /calendar/v3/calendars/a/events"


async def test_of_many_requests_at_once_exactly_the_quota_is_let_through(play):
    dependency = Dependency(
        simulate="email",
        quota=Quota(37, HOUR_NS),
        latency=Distribution.parse("uniform(0ms, 3ms)"),
    )
    party = await play(dependency)

    async def client() -> list[int]:
        peer = await party.peer()
        return [(await peer.ask("POST /emails", EMAIL))[0] for _ in range(10)]

    answers = await asyncio.gather(*(client() for _ in range(10)))
    statuses = [status for answer in answers for status in answer]
    assert (statuses.count(200), statuses.count(429)) == (37, 63)
    attempts = await party.tells(100)
    assert sum(attempt.done for attempt in attempts) == 37
    assert party.simulator.report()["accepted"] == 37


async def test_a_window_slides_with_the_requests(play):
    window_ns = 60 * NS_PER_MS
    party = await play(Dependency(simulate="email", quota=Quota(5, window_ns)))
    peer = await party.peer()
    while sum(attempt.outcome == "ok" for attempt in party.told) < 16:
        await peer.ask("POST /emails", EMAIL)
    through = [one.arrived_ns for one in party.told if one.outcome == "ok"]
    refused = [one.arrived_ns for one in party.told if one.outcome == "quota"]
    assert refused
    assert all(later - one >= window_ns for one, later in zip(through, through[5:], strict=False))
    for at_ns in refused:
        assert sum(at_ns - window_ns < one <= at_ns for one in through) == 5
    assert all(one <= later for one, later in pairwise(through))


async def test_each_user_has_a_quota_and_the_project_has_one(play):
    dependency = Dependency(
        simulate="google-calendar", quota=Quota(8, HOUR_NS), user_quota=Quota(3, HOUR_NS)
    )
    party = await play(dependency)
    peer = await party.peer()
    bodies = {
        user: [(await peer.ask(EVENTS, authorization=f"Bearer {user}"))[2] for _ in range(4)]
        for user in ("a", "b", "c")
    }
    through = {user: [b"events" in body for body in found] for user, found in bodies.items()}
    assert [sum(found) for found in through.values()] == [3, 3, 2]
    assert b'"reason":"userRateLimitExceeded"' in bodies["a"][3]
    assert b'"reason":"rateLimitExceeded"' in bodies["c"][3]
    assert [attempt.status for attempt in await party.tells(12)].count(403) == 4
