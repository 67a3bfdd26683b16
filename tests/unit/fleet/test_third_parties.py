"""The process of third parties: a real one, taken through a load and lost on the way."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.helpers.asking import answers, asked
from tests.helpers.processes import alive
from wedload.errors import PartyError, WorkerError
from wedload.fleet.third_parties import ThirdPartiesProcess
from wedload.metrics.summary import Summary
from wedload.plan.secrets.vault import Vault
from wedload.workload.compile_plan import Settings, compile_workload

PAYMENTS = """\
[dependencies.payments]
simulate = "http"
{keys}
[[dependencies.payments.routes]]
http = "POST /v1/charges"
status = 201
"""
SETTINGS = Settings("local", "http://127.0.0.1:9")
INDEX = 3


class Watch:
    """Keeps what the process tells."""

    def __init__(self) -> None:
        self.snapshots = []
        self.errors: list[WorkerError] = []
        self.silences: list[str] = []

    def recorded(self, snapshot) -> None:
        self.snapshots.append(snapshot)

    def lost(self, error: WorkerError) -> None:
        self.errors.append(error)

    def silent(self, what: str) -> None:
        self.silences.append(what)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def parties():
    one = await ThirdPartiesProcess.start()
    yield one
    one.kill()
    await one.stop()


def plan_of(plan, keys="", more=""):
    return plan(more=PAYMENTS.format(keys=keys) + more)


async def opened(parties, made):
    found = await parties.open(made, seed=1, time_scale=1.0, env=Vault())
    await parties.observe(made, SETTINGS, None, INDEX)
    return found.dependencies["payments"]["url"]


async def test_what_is_asked_during_the_load_is_recorded_and_reported(parties, watch, plan):
    made = plan_of(plan)
    url = await opened(parties, made)
    assert await asked(url) == 201  # before the load
    await parties.begin(watch, lambda: None)
    assert [await asked(url, key=key) for key in ("a", "b", "b")] == [201, 201, 201]

    settled = await parties.settle(5.0)

    assert {one.worker for one in watch.snapshots} == {INDEX}
    summary = Summary(compile_workload(made, SETTINGS).catalogue)
    for snapshot in watch.snapshots:
        summary.add(snapshot)
    where = (("dependency", "payments"),)
    assert summary.count("dependency_requests", where) == 3
    assert summary.count("dependency_operations", where) == 2
    report = settled.dependencies["payments"]
    assert (report["url"], report["requests"], report["outside"]) == (url, 4, 1)
    assert settled.proxies == {}
    assert watch.errors == []


async def test_what_is_under_way_when_the_load_ends_is_waited_for(parties, watch, plan):
    url = await opened(parties, plan_of(plan, 'latency = "300ms"'))
    await parties.begin(watch, lambda: None)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"POST /v1/charges HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
    assert await seen(url)

    settled = await parties.settle(30.0)

    assert settled.dependencies["payments"]["outcomes"] == {"ok": 1}
    assert (await reader.readline()).startswith(b"HTTP/1.1 201")
    writer.close()


async def seen(url: str) -> bool:
    """Whether it answers who asks for its counts: it has read what was sent before that."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"GET /_simulator/counts HTTP/1.1\r\nHost: a\r\n\r\n")
    found = (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()
    return found


async def test_faults_begin_with_the_load_and_end_when_they_are_told_to(parties, watch, plan):
    fault = '[[faults]]\nname = "outage"\non = "payments"\nat = "0s"\nfor = "10m"\ndown = true\n'
    url = await opened(parties, plan_of(plan, more=fault))
    assert await asked(url) == 201
    await parties.begin(watch, lambda: None)
    assert await answers(url, 0)

    parties.end_faults()

    assert await answers(url, 201)
    settled = await parties.settle(0.0)
    assert settled.dependencies["payments"]["faults"]["outage"] >= 1


async def test_a_port_that_is_taken_is_told_with_the_remedy(parties, plan):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(PartyError) as refused:
            await opened(parties, plan_of(plan, f'listen = "{listen}"'))

    assert refused.value.message.startswith(f"dependency payments: cannot listen on {listen}")
    assert "127.0.0.1:0" in refused.value.hint


async def test_its_loss_ends_the_load_and_is_told(parties, watch, plan):
    await opened(parties, plan_of(plan))
    ended = asyncio.Event()
    await parties.begin(watch, ended.set)

    parties.kill()

    async with asyncio.timeout(30):
        await ended.wait()
    assert await parties.settle(5.0) is None
    (error,) = watch.errors
    assert f"plays the third parties (pid {parties.pid}) was lost: signal 9" in error.message


async def test_it_is_gone_when_it_was_told_to_quit(parties, plan):
    url = await opened(parties, plan_of(plan))

    await parties.stop()

    assert not alive(parties.pid)
    assert await asked(url) == 0
