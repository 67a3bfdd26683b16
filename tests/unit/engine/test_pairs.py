"""Steps with routes in virtual time: who is asked when, and what is recorded of a pair."""

from __future__ import annotations

import random

import numpy as np
import pytest

from wedload.metrics.pair_slots import PairSlots
from wedload.statistics.differences import mean_of_differences
from wedload.units import NS_PER_MS

ROUTE = '[routes.gate]\nvia = "http://127.0.0.1:9000"\n'
STEP = '[[workflows.visit]]\nname = "read"\nroutes = "gate"\n'


def plan(step: str, *, duration: str = "10s", pace: str = "1s", more: str = "") -> str:
    return f"""{ROUTE}{more}
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "{duration}"
pace = "{pace}"
workflow = "visit"
{step}
"""


def is_via(seen) -> bool:
    return seen.request.origin.port == 9000


def both(answer, direct_s: float, via_s: float, **more):
    return lambda seen: answer(via_s if is_via(seen) else direct_s, **more)


def test_a_pair_is_two_requests_one_after_the_other_in_random_order(play, answer):
    run = play(plan(f'{STEP}http = "GET /a"\n'), both(answer, 0.1, 0.15))
    ways = [is_via(one) for one in run.network.exchanges]
    pairs = list(zip(ways[::2], ways[1::2], strict=True))
    assert len(pairs) == 10
    assert set(pairs) == {(True, False), (False, True)}
    starts = [one.started_s for one in run.network.exchanges]
    ends = [one.ended_s for one in run.network.exchanges]
    assert all(b >= e for e, b in zip(ends[::2], starts[1::2], strict=True))
    assert len({one.vu for one in run.network.exchanges}) == 2  # a connection for each way
    assert len({(one.vu, is_via(one)) for one in run.network.exchanges}) == 2


def test_the_order_is_that_of_the_seed(play, answer):
    def ways(seed: int) -> list[bool]:
        run = play(plan(f'{STEP}http = "GET /a"\n'), both(answer, 0.1, 0.15), seed=seed)
        return [is_via(one) for one in run.network.exchanges]

    assert ways(1) == ways(1) != ways(2)


def test_what_the_ways_differ_by_is_recorded_whatever_its_sign(play, answer):
    run = play(plan(f'{STEP}http = "GET /a"\n'), both(answer, 0.1, 0.15))
    seen = run.summary.differences("route_overhead", (("route", "gate"),))
    assert (seen.count, seen.mean_ns, seen.min_ns) == (10, 50 * NS_PER_MS, 50 * NS_PER_MS)
    faster = play(plan(f'{STEP}http = "GET /a"\n'), both(answer, 0.1, 0.07))
    seen = faster.summary.differences("route_overhead", (("step", "read"),))
    assert (seen.count, seen.mean_ns, seen.max_ns) == (10, -30 * NS_PER_MS, -30 * NS_PER_MS)
    assert run.outcomes("route_pairs") == {"measured": 10}


def test_each_way_is_selected_by_its_route_and_both_by_their_step(play, answer):
    run = play(plan(f'{STEP}http = "GET /a"\ncheck = ["status == 200"]\n'), both(answer, 0.1, 0.2))
    for way, took in (("direct", 100), ("via", 200)):
        seen = run.trend("http_req_duration", step="read", route=way)
        assert (seen.count, seen.max_ns) == (10, took * NS_PER_MS)
        assert run.outcomes("checks", route=way) == {"pass": 10}
    assert run.trend("http_req_duration", step="read").count == 20
    assert run.count("iterations") == 10


def test_the_first_that_is_sent_gives_what_is_captured(play, answer):
    steps = (
        f'{STEP}http = "GET /a"\ncapture = {{ who = "json.who" }}\n'
        '[[workflows.visit]]\nhttp = "GET /then/${who}"\n'
    )

    def by_way(seen):
        return answer(0.1, json={"who": "via" if is_via(seen) else "direct"})

    run = play(plan(steps), by_way)
    asked = run.network.exchanges
    first = ["via" if is_via(one) else "direct" for one in asked[::3]]
    assert [one.path for one in asked[2::3]] == [f"/then/{way}" for way in first]
    assert set(first) == {"via", "direct"}


def test_a_pair_of_which_one_fails_is_no_difference(play, answer):
    def failing(seen):
        return answer(0.1, status=503 if is_via(seen) else 200)

    run = play(plan(f'{STEP}http = "GET /a"\n'), failing)
    assert run.outcomes("route_pairs") == {"failed": 10}
    assert run.summary.differences("route_overhead").count == 0
    assert run.outcomes("http_reqs", route="direct") == {"ok": 10}
    ended = play(plan(f'{STEP}http = "GET /a"\non_failure = "end-iteration"\n'), failing)
    assert ended.outcomes("route_pairs") == {"failed": 10}
    assert ended.count("http_reqs", route="direct") < 10  # the second was not sent any more


def test_both_ways_are_signed_in_and_have_the_cookies_of_the_target(play, answer):
    signing = """
[identities.somebody]
http = "POST /login"
capture = { token = "json.token" }
headers = { X-Token = "${token}" }
"""

    def handle(seen):
        if seen.path == "/login":
            return answer(0.1, json={"token": "t1"}, headers={"Set-Cookie": "who=me"})
        return answer(0.1)

    run = play(plan(f'{STEP}http = "GET /a"\nas = "somebody"\n', more=signing), handle)
    login, *rest = run.network.exchanges
    assert (login.path, is_via(login), len(rest)) == ("/login", False, 20)
    assert all(b"X-Token: t1\r\n" in one.lines for one in rest)
    assert all(b"Cookie: who=me\r\n" in one.lines for one in rest)
    assert sum(map(is_via, rest)) == 10


def test_retries_and_redirects_are_followed_either_way(play, answer):
    step = f'{STEP}http = "GET /a"\nretry = {{ attempts = 2, on = [503], base = "1ms" }}\n'
    told = set()

    def handle(seen):
        if seen.path == "/a" and is_via(seen) not in told:
            told.add(is_via(seen))
            return answer(0.1, status=503)
        if seen.path == "/a":
            return answer(0.1, status=302, headers={"Location": "/b"})
        return answer(0.1)

    run = play(plan(step), handle)
    assert run.count("http_retries") == 2
    assert {is_via(one) for one in run.network.exchanges if one.path == "/b"} == {True, False}
    assert run.outcomes("route_pairs") == {"measured": 10}


@pytest.mark.parametrize("seed", range(3))
def test_what_a_proxy_adds_is_found_within_its_interval(play, answer, seed):
    """A platform that takes 20 ms, more or less, and a proxy that sleeps 5 ms before it."""
    drawn = random.Random(seed)

    def handle(seen):
        return answer(drawn.expovariate(1 / 0.02) + 0.005 * is_via(seen))

    run = play(plan(f'{STEP}http = "GET /a"\n', duration="60s", pace="1ms"), handle, seed=seed)
    slots = PairSlots()
    for snapshot in run.snapshots:
        slots.add(snapshot)
    (number,) = run.summary.series_numbers((("route", "gate"),))
    sums = slots.of([number])
    stages = np.zeros(len(sums.seconds), np.int64)
    interval = mean_of_differences(sums.sums_ns, sums.counts, stages, 1)
    assert interval is not None
    low, high = interval
    assert low < 5 * NS_PER_MS < high
    assert high - low < 5 * NS_PER_MS  # it tells something: the platform alone varies by 20 ms
