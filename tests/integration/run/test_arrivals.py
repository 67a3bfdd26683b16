"""Open load against a real server: every arrival is accounted for, and no waiting is left out.

What is true is computed from the server's own stamps, so that a busy machine does not matter.
"""

from __future__ import annotations

import time

import pytest

LOOK = '[[workflows.visit]]\nname = "look"\nhttp = "GET /look"\n'
RATE_PER_S = 100
#: the server stands still for a second, again and again
CYCLE_S, FROZEN_S = 3.0, 1.0


def open_load(duration: str, rate: int = RATE_PER_S, more: str = "") -> str:
    return f"""
executor = "constant-arrival-rate"
rate = "{rate}/s"
duration = "{duration}"
{more}"""


@pytest.mark.parametrize("saturation", ["queue", "drop"])
def test_every_arrival_reaches_the_server_or_is_counted_as_dropped(
    run, server, plan_for, reply, saturation
):
    server.handle = lambda seen: reply(delay_s=0.3 if seen.number % 20 == 0 else 0.002)
    more = f'max_vus = 3\non_saturation = "{saturation}"'

    done = run(plan_for(open_load("2s", 500, more), LOOK))

    assert done.count("iterations") == len(server.requests)
    assert done.count("iterations") + done.count("dropped_iterations") == 1000
    assert (done.count("dropped_iterations") > 0) == (saturation == "drop")
    kinds = [one["kind"] for one in done.result["validity"]["findings"]]
    assert ("dropped" in kinds) == (saturation == "drop")


def test_arrivals_of_two_scenarios_and_their_mix_are_exact(run, server, plan_for):
    steps = LOOK + '[[workflows.other]]\nname = "other"\nhttp = "GET /other"\n'
    second = """
[scenarios.second]
executor = "ramping-arrival-rate"
start_time = "500ms"
stages = [ { duration = "1s", target = "100/s" }, { duration = "1s", target = 0 } ]
workflow = "other"
"""

    done = run(plan_for(open_load("1s", 300), steps, second))

    assert done.count("iterations") == 400
    assert server.targets() == {"GET /look": 300, "GET /other": 100}


@pytest.mark.parametrize("max_vus", [10, 500])
def test_a_target_that_stands_still_hides_nothing(run, server, plan_for, reply, quantile, max_vus):
    """Coordinated omission: response_time holds the wait of those who came in the meantime."""
    began: list[float] = []

    def handle(_):
        now_s = time.perf_counter()
        if not began:
            began.append(now_s)
        into_cycle = (now_s - began[0]) % CYCLE_S
        left_s = CYCLE_S - into_cycle
        return reply(delay_s=left_s if left_s <= FROZEN_S else 0.0)

    server.handle = handle

    done = run(plan_for(open_load("6s", more=f"max_vus = {max_vus}"), LOOK))

    assert done.count("iterations") == len(server.requests) == 600
    first_s = server.requests[0].received_s
    waited_ms = [
        (one.received_s + one.delayed_s - first_s - index / RATE_PER_S) * 1000
        for index, one in enumerate(server.requests)
    ]
    reported = done.result["metrics"]["response_time"]
    for name, q in (("p90", 0.9), ("p95", 0.95), ("p99", 0.99)):
        assert reported[name] == pytest.approx(quantile(waited_ms, q), rel=0.03, abs=3), name
    assert reported["max"] == pytest.approx(max(waited_ms), rel=0.03)
    if max_vus == 10:  # only ten requests met each stop: what they took says little about it
        assert done.result["metrics"]["http_req_duration"]["p90"] < reported["p90"] / 2
