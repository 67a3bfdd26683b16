"""What a failing calendar gets to see of many who want something of it: counts, not times."""

from __future__ import annotations

import asyncio

from tests.helpers.third_parties import wish

MANY = 60


async def _want(couple, how_many=MANY):
    for _ in range(how_many):
        answer = await couple.post("/api/calendar/schedule", wish())
        assert answer.status == 201


async def test_retries_stay_within_the_budget(platform, provider, counts):
    visitor = platform(without=("breaker",))
    provider.moods["calendar"] = "down"
    await _want(await visitor.sign_in("couple"))
    done = await counts(visitor, "calendar")
    assert done["operations"] == 2 * MANY
    assert done["attempts"] == len(provider.asked) == 2 * MANY + done["retries"]
    # 2 that were saved, a tenth of the operations, and 3 a minute
    assert 0.1 * 2 * MANY - 1 <= done["retries"] <= 2 + 0.1 * 2 * MANY + 3
    assert done["refused_by_budget"] > 0


async def test_without_a_budget_they_multiply(platform, provider, counts):
    visitor = platform(without=("breaker", "retry-budget"))
    provider.moods["calendar.insert"] = "down"
    await _want(await visitor.sign_in("couple"), 5)
    assert provider.count("calendar.insert") == 5 * 8
    done = await counts(visitor, "calendar")
    assert (done["retries"], done["refused_by_budget"]) == (5 * 7, 0)


async def test_an_open_breaker_spares_the_calendar_and_a_probe_finds_it_back(
    platform, provider, counts, eventually
):
    visitor = platform()
    couple = await visitor.sign_in("couple")
    provider.moods["calendar"] = "down"
    await _want(couple)
    done = await counts(visitor, "calendar")
    assert done["breaker_opened"] >= 1
    assert done["operations"] == done["breaker_refused"] + done["failed"] == 2 * MANY
    assert len(provider.asked) == done["attempts"]
    assert done["breaker_refused"] > MANY
    provider.moods.clear()

    async def again():
        return (await couple.post("/api/calendar/schedule", wish())).body["fallback_used"]

    assert await eventually(again, lambda used: not used) is False
    assert (await counts(visitor, "calendar"))["succeeded"] >= 1
    assert provider.events


async def test_without_a_breaker_it_is_asked_all_the_time(platform, provider, counts):
    visitor = platform(without=("breaker",))
    provider.moods["calendar"] = "down"
    await _want(await visitor.sign_in("couple"))
    done = await counts(visitor, "calendar")
    assert (done["breaker_opened"], done["breaker_refused"]) == (0, 0)
    assert len({each.trace for each in provider.of("calendar.free")}) == MANY


async def test_many_at_once_share_one_budget(platform, provider, counts):
    visitor = platform(without=("breaker",))
    provider.moods["calendar"] = "down"
    couple = await visitor.sign_in("couple")
    await asyncio.gather(*(_want(couple, 10) for _ in range(6)))
    done = await counts(visitor, "calendar")
    assert done["retries"] <= 2 + 0.1 * done["operations"] + 3
