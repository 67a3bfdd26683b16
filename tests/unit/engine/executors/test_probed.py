"""Probes in virtual time: stretches of load at rates that are told while it runs."""

from __future__ import annotations

from fractions import Fraction

import pytest

from tests.helpers.scenarios import scenario
from wedload.units import NS_PER_S as S
from wedload.workload.segment import Segment

PLAN = scenario("constant-arrival-rate", 'rate = 1\nduration = "60s"\narrivals = "regular"')
#: that the load may last by its own schedule
LONGEST_S = 60


def acts(*table):
    """Each (instant, what is done to the engine)."""

    async def during(run):
        for instant_s, act in table:
            await run.until(instant_s)
            act(run.engine)

    return during


def probe(number: int, rate: int | str, warm_s: float = 1, judged_s: float = 2):
    rates = {"main": Fraction(rate)}
    return lambda engine: engine.probe(number, rates, round(warm_s * S), round(judged_s * S))


def end(engine) -> None:
    engine.end_probes()


def starts(run) -> list[float]:
    return [round(exchange.started_s, 9) for exchange in run.network.exchanges]


def test_a_probe_has_its_rate_from_when_it_is_ordered_and_nothing_arrives_between(play, answer):
    during = acts((1, probe(1, 2)), (6, probe(2, 4, 0, 1)), (9, end))
    run = play(PLAN, answer(0.01), probes=2, during=during)
    assert starts(run) == [1, 1.5, 2, 2.5, 3, 3.5, 6, 6.25, 6.5, 6.75]
    assert run.load_ended_s == 9


def test_only_what_arrives_after_the_warm_up_is_of_the_probe(play, answer):
    during = acts((0, probe(1, 10)), (5, probe(2, 20, 0, 1)), (7, end))
    # longer than the probe itself: what has begun in it is its own whenever it ends
    run = play(PLAN, answer(1.5), probes=2, during=during)
    assert run.count("iterations", stage="probe 1") == 20
    assert run.count("iterations", stage="probe 2") == 20
    assert run.count("iterations") == 50
    assert run.trend("http_req_duration", stage="probe 1").min_ns == 1.5 * S


def test_a_probe_that_is_cut_ends_at_once_and_the_next_has_its_own_samples(play, answer):
    during = acts(
        (0, probe(1, 10, 1, 20)), (2, lambda e: e.cut_probe()), (3, probe(2, 10, 1, 2)), (7, end)
    )
    run = play(PLAN, answer(0.01), probes=2, during=during)
    assert run.count("iterations", stage="probe 1") == 10
    assert run.count("iterations", stage="probe 2") == 20
    assert run.count("iterations") == 20 + 30


def test_a_probe_that_is_ordered_while_another_goes_on_takes_its_place(play, answer):
    during = acts((0, probe(1, 10, 1, 20)), (2, probe(2, 5, 1, 2)), (9, end))
    run = play(PLAN, answer(0.01), probes=2, during=during)
    assert starts(run)[20:24] == pytest.approx([2.0, 2.2, 2.4, 2.6], abs=0.11)
    assert run.count("iterations", stage="probe 2") == 10


def test_without_an_end_the_load_ends_in_time(play, answer):
    run = play(PLAN, answer(0.01), probes=1, during=acts((0, probe(1, 1))))
    assert run.load_ended_s == LONGEST_S
    assert run.count("iterations") == 3


def test_what_nobody_is_free_for_is_dropped_and_belongs_to_the_probe(play, answer):
    plan = PLAN.replace("rate = 1", "rate = 1\nmax_vus = 2")
    run = play(plan, answer(10), probes=1, during=acts((0, probe(1, 5, 1, 2)), (15, end)))
    assert run.count("dropped_iterations", stage="probe 1") == 10
    assert run.count("iterations") == 2


@pytest.mark.parametrize("arrivals", ["regular", "poisson"])
def test_load_processes_share_a_probe_exactly(play, answer, arrivals):
    plan = PLAN.replace("regular", arrivals)
    orders = acts((0, probe(1, 30)), (5, end))
    whole = play(plan, answer(0.01), probes=1, during=orders)
    parts = [
        play(plan, answer(0.01), probes=1, during=orders, segment=Segment(index, 3))
        for index in range(3)
    ]
    assert sorted(start for run in parts for start in starts(run)) == starts(whole)
    assert len(starts(whole)) > 50
