"""Third parties, proxies and faults of a plan together, on real sockets."""

from __future__ import annotations

import asyncio
import socket

import psutil
import pytest

from tests.helpers.asking import answers, asked
from tests.helpers.waiting import until
from wedload.clock import MonotonicClock
from wedload.errors import PartyError
from wedload.plan.fault_proxies import FaultProxy
from wedload.plan.faults import Fault
from wedload.plan.latency import parse_latency
from wedload.plan.third_parties import Dependency
from wedload.simulators.world import World
from wedload.units import NS_PER_S


@pytest.fixture
async def world():
    """Makes and opens one; it is closed afterwards. Its attempts are in `told`."""
    made = []

    async def make(dependencies=None, proxies=None, faults=(), time_scale=1.0):
        told = []
        one = World(
            dependencies or {}, proxies or {}, faults,
            seed=1, time_scale=time_scale, told=told.append, clock=MonotonicClock(), env={},
        )  # fmt: skip
        made.append(one)
        return one, await one.open(), told

    yield make
    for one in made:
        await one.close()


def mail_of(**keys):
    return Dependency(simulate="email", provider="sendgrid", **keys)


def outage(on: str, **what):
    return Fault(name="outage", on=(on,), at=10 * NS_PER_S, for_=10_000 * NS_PER_S, **what)


MAIL = "/v3/mail/send"


async def test_each_is_where_it_says_and_attempts_are_told(world) -> None:
    _, places, told = await world({"mail": mail_of(), "other": mail_of()})
    url = places.dependencies["mail"]["url"]
    assert url == f"http://{places.dependencies['mail']['address']}"
    await asked(url, MAIL, key="a")
    (attempt,) = told
    assert (attempt.dependency, attempt.operation) == ("mail", "a")


async def test_the_address_of_a_third_party_is_that_of_the_proxy_before_it(world) -> None:
    one, places, told = await world(
        {"mail": mail_of()}, {"line": FaultProxy(upstream="dependency:mail")}
    )
    assert places.dependencies["mail"] == places.proxies["line"]
    assert await asked(places.dependencies["mail"]["url"], MAIL) != 0
    assert len(told) == 1
    reports = one.reports()
    assert reports.proxies["line"]["connections"] == 1
    assert reports.dependencies["mail"]["told"] == places.proxies["line"]["url"]
    own = reports.dependencies["mail"]["url"]
    assert await asked(own, MAIL) != 0
    assert one.reports().proxies["line"]["connections"] == 1


async def test_a_proxy_before_the_sandbox_leads_there_once_it_is_there(world) -> None:
    one, places, _ = await world(proxies={"front": FaultProxy(upstream="sandbox")})
    _, there, told = await world({"mail": mail_of()})
    front = places.proxies["front"]["url"]
    assert await asked(front, MAIL) == 0
    host, _, port = there.dependencies["mail"]["address"].rpartition(":")
    await one.connect((host, int(port)))
    assert await asked(front, MAIL) != 0
    assert len(told) == 1


async def test_faults_count_from_the_begin_in_the_time_scale_and_end_when_they_are_told(
    world,
) -> None:
    one, places, told = await world({"mail": mail_of()}, {}, [outage("mail", down=True)], 0.001)
    url = places.dependencies["mail"]["url"]
    one.begin()
    assert await answers(url, 0)
    one.end_faults()
    assert await asked(url, MAIL) != 0
    assert {x.faults for x in told if x.outcome == "down"} == {("outage",)}


async def test_faults_on_the_bytes_of_a_third_party_reach_its_connections(world) -> None:
    fault = outage("mail", reset=True)
    one, places, told = await world({"mail": mail_of()}, {}, [fault], 0.0001)
    url = places.dependencies["mail"]["url"]
    one.begin()
    assert await answers(url, 0)
    await until(lambda: any(x.outcome == "reset" for x in told))


async def test_what_is_under_way_is_known_until_its_answer_has_left(world) -> None:
    one, places, told = await world({"mail": mail_of(latency=parse_latency("200ms"))})
    assert one.oldest_ns() is None
    asking = asyncio.create_task(asked(places.dependencies["mail"]["url"], MAIL))
    await until(lambda: one.oldest_ns() is not None)
    came_ns = one.oldest_ns()
    await asking
    assert one.oldest_ns() is None
    assert told[0].arrived_ns == came_ns


@pytest.mark.parametrize("table", ["dependency", "proxy"])
async def test_a_port_that_is_taken_names_whose_it_was_to_be(world, table) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        kind = {
            "dependency": {"dependencies": {"mail": mail_of(listen=listen)}},
            "proxy": {"proxies": {"mail": FaultProxy(upstream="sandbox", listen=listen)}},
        }[table]
        with pytest.raises(PartyError) as refused:
            await world(**kind)
    assert refused.value.message.startswith(f"{table} mail: cannot listen on {listen}")


async def test_a_log_that_cannot_be_written_is_told(world, tmp_path) -> None:
    log = str(tmp_path / "none" / "mail.jsonl")
    with pytest.raises(PartyError, match=r"dependency mail: .*mail\.jsonl cannot be written"):
        await world({"mail": mail_of(log=log)})


async def test_a_world_that_is_closed_leaves_no_open_file():
    def files() -> int:
        return psutil.Process().num_fds()

    async def one() -> None:
        world = World(
            {"mail": mail_of()}, {"db": FaultProxy(upstream="127.0.0.1:9")}, [],
            seed=1, time_scale=1.0, told=print, clock=MonotonicClock(), env={},
        )  # fmt: skip
        await world.open()
        await world.close()

    await one()  # the loop opens files of its own with its first server
    before = files()
    await one()
    await until(lambda: files() == before)
