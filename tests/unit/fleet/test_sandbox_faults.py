"""Faults in the sandbox's services: what it is told, and what becomes of a sandbox that refuses."""

from __future__ import annotations

import json

import pytest

from tests.helpers.servers import Server
from wedload.errors import TargetError
from wedload.fleet.sandbox_faults import SandboxFaults, sandbox_schedule
from wedload.plan.distribution import Distribution
from wedload.plan.faults import Fault
from wedload.units import NS_PER_MS, NS_PER_S


def fault(name="slow", on=("sandbox.database",), **what):
    return Fault(name=name, on=on, at=10 * NS_PER_S, for_=20 * NS_PER_S, **what)


def test_the_schedule_is_in_the_time_scale_of_the_run_and_of_the_sandbox_alone() -> None:
    faults = [
        fault(on=("calendar",), down=True),
        fault(
            on=("sandbox.database", "calendar", "sandbox.api"), latency=Distribution.parse("30ms")
        ),
        fault(on=("sandbox.api",), status=503, toxicity=0.5),
    ]
    found = sandbox_schedule(faults, 0.1)
    when = {"begin_s": 1.0, "end_s": 3.0}
    slow = {"latency_ms": 30.0, "jitter_ms": 0.0, "status": None, "down": False, "toxicity": 1.0}
    assert found == [
        {"service": "database", **when, **slow},
        {"service": "api", **when, **slow},
        {"service": "api", **when, **slow, "latency_ms": None, "status": 503, "toxicity": 0.5},
    ]


@pytest.mark.parametrize(
    ("latency", "jitter_ms", "expected"),
    [
        ("200ms", 50, (200.0, 50.0)),
        ("uniform(100ms, 200ms)", 0, (150.0, 50.0)),
    ],
)
def test_latency_is_a_duration_more_or_less(latency, jitter_ms, expected) -> None:
    one = fault(latency=Distribution.parse(latency), jitter=jitter_ms * NS_PER_MS)
    (found,) = sandbox_schedule([one], 1.0)
    assert (found["latency_ms"], found["jitter_ms"]) == expected


def test_a_latency_that_the_sandbox_does_not_know_is_refused_with_the_remedy() -> None:
    one = fault(latency=Distribution.parse("exponential(100ms)"))
    with pytest.raises(TargetError, match="fault slow") as refused:
        sandbox_schedule([one], 1.0)
    assert "jitter" in str(refused.value.hint)


@pytest.fixture
def platform():
    server = Server()
    yield server
    server.close()


async def test_the_sandbox_is_told_as_the_load_begins_and_once_that_faults_end(platform) -> None:
    faults = SandboxFaults()
    token = faults.environment["WEDLOAD_SANDBOX_TOKEN"]
    schedule = sandbox_schedule([fault(down=True)], 1.0)
    faults.at(platform.url, schedule)
    await faults.begin()
    await faults.end()
    await faults.end()
    (begin, end) = platform.requests
    assert begin[:2] == ("POST", "/_sandbox/faults")
    assert json.loads(begin[2]) == {"faults": schedule}
    assert end[:2] == ("DELETE", "/_sandbox/faults")
    assert all(headers["X-Sandbox-Token"] == token for headers in platform.headers)


async def test_faults_that_have_not_begun_need_no_end(platform) -> None:
    faults = SandboxFaults()
    faults.at(platform.url, [])
    await faults.end()
    assert platform.requests == []


async def test_a_sandbox_that_takes_no_faults_ends_the_run_before_its_load(platform) -> None:
    faults = SandboxFaults()
    faults.at(platform.url, [])
    platform.fails = lambda _: True
    with pytest.raises(TargetError, match="takes no faults: 500"):
        await faults.begin()


async def test_a_sandbox_that_keeps_its_faults_is_told_of(platform) -> None:
    faults = SandboxFaults()
    faults.at(platform.url, [])
    await faults.begin()
    platform.fails = lambda _: True
    with pytest.raises(TargetError, match="takes no faults: 500"):
        await faults.end()


async def test_a_sandbox_that_is_gone_has_no_faults_left(platform) -> None:
    faults = SandboxFaults()
    faults.at(platform.url, [])
    await faults.begin()
    platform.close()
    await faults.end()
    with pytest.raises(TargetError, match="takes no faults"):
        await faults.begin()
