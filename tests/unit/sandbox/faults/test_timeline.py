"""Faults on a given clock."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from wedload.sandbox.errors import ApiError
from wedload.sandbox.faults.timeline import Fault, Faults, Hit, check_faults


class Clock:
    """Stands still unless told."""

    def __init__(self):
        self.now_s = 50.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def faults(clock):
    return Faults(clock, Random(3))


async def test_nothing_is_hit_until_something_is_armed(faults):
    assert not faults.armed
    assert faults.hit("database") is None
    assert faults.hits["database"] == 0


@pytest.mark.parametrize(
    ("at_s", "hit"), [(0.0, None), (0.9, None), (1.0, True), (1.9, True), (2.0, None)]
)
async def test_a_fault_is_in_force_from_its_begin_until_its_end(faults, clock, at_s, hit):
    faults.arm([Fault("database", 1.0, 2.0, down=True)])
    clock.now_s += at_s
    assert faults.hit("database") == (Hit(down=True) if hit else None)
    assert faults.hit("webhooks") is None
    assert faults.is_down("database") is bool(hit)


async def test_of_several_latencies_add_up(faults):
    faults.arm(
        [
            Fault("api", latency_s=0.1),
            Fault("api", latency_s=0.2, status=503),
            Fault("api", status=429),
        ]
    )
    hit = faults.hit("api")
    assert hit.late_s == pytest.approx(0.3)
    assert (hit.status, hit.down) == (503, False)
    assert faults.hits["api"] == 1


async def test_jitter_varies_a_latency_both_ways_and_never_makes_it_negative(faults):
    faults.arm([Fault("api", latency_s=0.1, jitter_s=0.2)])
    drawn = [faults.hit("api").late_s for _ in range(500)]
    assert min(drawn) == 0.0
    assert 0.28 < max(drawn) <= 0.3


async def test_toxicity_is_the_share_that_is_hit_and_repeats_with_its_seed(clock):
    def drawn():
        faults = Faults(clock, Random(3))
        faults.arm([Fault("database", down=True, toxicity=0.3)])
        return [faults.hit("database") is not None for _ in range(1000)]

    first = drawn()
    assert 250 < sum(first) < 350
    assert drawn() == first


async def test_a_share_does_not_take_the_service_down(faults):
    faults.arm([Fault("webhooks", down=True, toxicity=0.99)])
    assert not faults.is_down("webhooks")


async def test_to_disarm_ends_all_and_wakes_who_waits(faults):
    faults.arm([Fault("webhooks", down=True)])
    waiting = asyncio.create_task(faults.until_up("webhooks"))
    await asyncio.sleep(0)
    assert not waiting.done()
    faults.disarm()
    await asyncio.wait_for(waiting, 30)
    assert not faults.armed


async def test_who_waits_is_woken_when_the_fault_ends(faults, clock):
    faults.arm([Fault("webhooks", end_s=0.01, down=True)])
    waiting = asyncio.create_task(faults.until_up("webhooks"))
    await asyncio.sleep(0.02)
    assert not waiting.done()  # its clock stands still
    clock.now_s += 1.0
    await asyncio.wait_for(waiting, 30)


def test_faults_are_read_from_a_request():
    body = {
        "faults": [
            {"service": "database", "begin_s": 1, "end_s": 2.5, "latency_ms": 40, "jitter_ms": 5},
            {"service": "api", "status": 503, "toxicity": 0.5},
            {"service": "realtime", "down": True},
        ]
    }
    assert check_faults(body) == [
        Fault("database", 1.0, 2.5, latency_s=0.04, jitter_s=0.005),
        Fault("api", status=503, toxicity=0.5),
        Fault("realtime", down=True),
    ]
    assert check_faults({"faults": []}) == []


@pytest.mark.parametrize(
    ("fault", "wrong"),
    [
        ({"service": "disk", "down": True}, "faults[0].service"),
        ({"down": True}, "faults[0].service"),
        ({"service": "api"}, "faults[0]"),
        ({"service": "api", "donw": True}, "faults[0].donw"),
        ({"service": "api", "down": 1.5}, "faults[0].down"),
        ({"service": "api", "status": 200}, "faults[0].status"),
        ({"service": "database", "status": 503}, "faults[0].status"),
        ({"service": "api", "down": True, "begin_s": -1}, "faults[0].begin_s"),
        ({"service": "api", "down": True, "begin_s": 2, "end_s": 2}, "faults[0].end_s"),
        ({"service": "api", "latency_ms": "40ms"}, "faults[0].latency_ms"),
        ({"service": "api", "down": True, "toxicity": 1.1}, "faults[0].toxicity"),
        ("api", "faults[0]"),
    ],
)
def test_what_is_wrong_with_a_fault_is_named(fault, wrong):
    with pytest.raises(ApiError) as error:
        check_faults({"faults": [fault]})
    assert error.value.status == 422
    assert wrong in error.value.fields


@pytest.mark.parametrize("body", [{}, {"faults": {}}, {"faults": [{}] * 101}, {"fault": []}])
def test_a_request_without_a_list_of_faults_is_refused(body):
    with pytest.raises(ApiError):
        check_faults(body)
