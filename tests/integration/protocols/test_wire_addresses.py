"""Names, addresses, and which of them a connection is made to."""

from __future__ import annotations

import asyncio
import socket

import psutil
import pytest

from tests.helpers.clients import CLIENTS
from tests.helpers.responses import CLOSE, OK
from wedload.clock import MonotonicClock
from wedload.protocols.http.tls import client_context
from wedload.safety.target_guard import DeclaredHosts
from wedload.units import NS_PER_MS, NS_PER_S
from wedload.workload.permits import Permit, Permits
from wedload.workload.request import Origin

#: where look-ups are watched: uvloop has one more for each address, which aiohttp connects by its
#: `sock_connect`; and attempts to connect are those of the wire client
wire_only = pytest.mark.parametrize("talk_by", ["wire"], indirect=True)
wire_alone = pytest.mark.parametrize("talk", ["wire"], indirect=True)


@pytest.fixture(params=CLIENTS)
async def talk_by(request, talk_with):
    """Clients of pools with settings of their own."""
    pools = []

    def make(**settings):
        pools.append(CLIENTS[request.param](MonotonicClock(), **settings))
        return talk_with(pools[-1])

    yield make
    for pool in pools:
        await pool.close()


@pytest.fixture
def resolving(monkeypatch):
    """Let every name have these addresses, and say how often one was asked for."""

    def to(*addresses: str) -> list[str]:
        asked = []

        async def resolve(host, port, **_):
            asked.append(host)
            return [
                (
                    socket.AF_INET6 if ":" in one else socket.AF_INET,
                    socket.SOCK_STREAM,
                    6,
                    "",
                    (one, 0),
                )
                for one in addresses
            ]

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
        return asked

    return to


@pytest.fixture
def deaf():
    """Make addresses of loopback where a port is open, and nobody ever answers."""
    sockets = []

    def make(address: str, port: int) -> None:
        listening = socket.socket()
        listening.bind((address, port))
        listening.listen(0)
        sockets.append(listening)
        while True:
            filler = socket.socket()
            sockets.append(filler)
            filler.settimeout(0.3)
            try:
                filler.connect((address, port))
            except TimeoutError:
                return
            assert len(sockets) < 100

    yield make
    for one in sockets:
        one.close()


@pytest.mark.parametrize(
    "host",
    [
        "no-such-host.invalid",
        "a" * 64 + ".invalid",
        "two..dots.invalid",
        ".leading.invalid",
        "space in.invalid",
        "nul\x00.invalid",
        "-",
        "ä" * 60 + ".invalid",
        "\ud800.invalid",
    ],
)
async def test_a_name_that_does_not_resolve_is_a_dns_failure(talk, host):
    response = await talk(Origin("http", host, 80))
    assert (response.outcome, response.sent_ns) == ("dns", 0)
    assert "name not resolved" in response.problem


async def test_a_name_is_looked_up_once_a_run(serve, talk, answering):
    server = await serve(answering(CLOSE))
    first = await talk(server.origin("localhost"))
    second = await talk(server.origin("localhost"))
    assert (first.outcome, second.outcome) == ("ok", "ok")
    assert first.connecting.looking_up_ns is not None
    assert second.connecting.looking_up_ns is None


async def test_an_address_needs_no_look_up(serve, talk, answering):
    server = await serve(answering(OK))
    assert (await talk(server)).connecting.looking_up_ns is None


@pytest.mark.parametrize(
    "host",
    ["192.0.2.1", "10.0.0.1", "169.254.169.254", "255.255.255.255", "2001:db8::1", "fe80::1%lo"],
)
async def test_an_address_off_loopback_is_blocked_before_any_connection(talk, monkeypatch, host):
    loop = asyncio.get_running_loop()
    attempts = []
    monkeypatch.setattr(loop, "create_connection", attempts.append)
    response = await talk(Origin("http", host, 80))
    assert (response.outcome, response.sent_ns) == ("blocked", 0)
    assert host in response.problem
    assert attempts == []


async def test_a_name_with_one_address_off_loopback_is_blocked_altogether(talk, monkeypatch):
    loop = asyncio.get_running_loop()
    attempts = []

    async def resolve(host, port, **_):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))
            for address in ("127.0.0.1", "192.0.2.1")
        ]

    monkeypatch.setattr(loop, "getaddrinfo", resolve)
    monkeypatch.setattr(loop, "create_connection", attempts.append)
    for _ in range(2):  # what is blocked is not remembered as allowed
        assert (await talk(Origin("http", "wedsync.example", 80))).outcome == "blocked"
    assert attempts == []


@wire_alone
async def test_the_next_address_is_tried_when_one_refuses(serve, talk, answering, monkeypatch):
    loop = asyncio.get_running_loop()

    async def resolve(host, port, **_):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))
            for address in ("127.0.0.77", "127.0.0.1")
        ]

    monkeypatch.setattr(loop, "getaddrinfo", resolve)
    server = await serve(answering(OK))  # listens on 127.0.0.1 only
    assert (await talk(server.origin("wedsync.example"))).outcome == "ok"


@wire_alone
async def test_an_address_that_does_not_answer_costs_a_quarter_second_and_not_a_time_out(
    serve, talk, answering, resolving, deaf
):
    server = await serve(answering(CLOSE))
    deaf("127.0.0.77", server.port)
    resolving("127.0.0.77", "127.0.0.1")
    before = psutil.Process().num_fds()
    for _ in range(2):
        response = await talk(server.origin("wedsync.example"))
        assert response.outcome == "ok"
        assert response.connecting.connecting_ns >= 249 * NS_PER_MS  # loop timers: 1 ms early
    await server.all_ended()
    assert server.connections == 2
    async with asyncio.timeout(30):
        while psutil.Process().num_fds() > before:
            await asyncio.sleep(0.002)


async def test_of_addresses_that_all_refuse_the_failure_says_why(talk, resolving):
    resolving("127.0.0.77", "127.0.0.78", "::1")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    response = await talk(Origin("http", "wedsync.example", port))
    assert (response.outcome, response.sent_ns) == ("connect", 0)
    assert response.problem.endswith(": Connection refused")


@wire_alone
async def test_addresses_that_never_answer_are_a_time_out_that_leaves_no_socket(
    serve, talk, answering, resolving, deaf
):
    server = await serve(answering(OK))
    for address in ("127.0.0.77", "127.0.0.78"):
        deaf(address, server.port)
    resolving("127.0.0.77", "127.0.0.78")
    before = psutil.Process().num_fds()
    response = await talk(server.origin("wedsync.example"), timeout_s=0.4)
    assert response.outcome == "timeout"
    assert psutil.Process().num_fds() <= before


class Anywhere:
    """Allows every address: nothing is really connected to."""

    def require_allowed(self, address, host):
        assert (bool(address), host) == (True, "wedsync.example")

    def pinned(self, host):
        return ()


@wire_only
async def test_both_families_are_tried_in_turn(talk_by, resolving, monkeypatch):
    resolving("::1", "::2", "::3", "127.0.0.77", "127.0.0.78")
    talk = talk_by(guard=Anywhere())
    tried = []

    async def connect(_sock, address, _port):
        tried.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("wedload.protocols.http.connecting._connect_socket", connect)
    assert (await talk(Origin("http", "wedsync.example", 1))).outcome == "connect"
    assert tried == ["::1", "127.0.0.77", "::2", "127.0.0.78", "::3"]


@wire_only
async def test_a_look_up_holds_for_as_long_as_the_plan_says(serve, talk_by, answering, resolving):
    server = await serve(answering(CLOSE))
    asked = resolving("127.0.0.1")
    for talk, expected in ((talk_by(dns_ttl_ns=1), 3), (talk_by(dns_ttl_ns=3600 * NS_PER_S), 1)):
        asked.clear()
        found = [await talk(server.origin("wedsync.example")) for _ in range(3)]
        assert len(asked) == expected
        looked_up = [one.connecting.looking_up_ns is not None for one in found]
        assert looked_up.count(True) == expected


@wire_only
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
async def test_a_name_that_the_plan_places_is_not_looked_up_and_stays_a_name(
    serve, talk_by, answering, resolving, server_context, files, tls
):
    server = await serve(answering(OK), tls=server_context("shop.example") if tls else None)
    asked = resolving("192.0.2.1")
    talk = talk_by(
        tls=client_context(ca=str(files / "ca.pem")),
        hosts={"shop.example": ("127.0.0.1", server.port)},
    )
    response = await talk(Origin(server.scheme, "Shop.Example", 443))
    assert (response.outcome, response.body) == ("ok", b"hello")
    assert response.connecting.looking_up_ns is None
    assert b"\r\nHost: Shop.Example" in server.requests[0]
    assert asked == []


async def test_where_the_plan_places_a_name_the_target_guard_is_asked_too(talk_by):
    talk = talk_by(hosts={"shop.example": ("192.0.2.1", None)})
    response = await talk(Origin("http", "shop.example", 80))
    assert (response.outcome, response.sent_ns) == ("blocked", 0)
    assert "192.0.2.1" in response.problem


PINNED = DeclaredHosts(
    frozenset({"wedsync.example"}), Permits((Permit("wedsync.example", ("127.0.0.1",)),))
)


@wire_only
async def test_a_host_that_was_proven_is_not_looked_up(serve, talk_by, answering, resolving):
    server = await serve(answering(OK))
    asked = resolving("192.0.2.1")
    response = await talk_by(guard=PINNED)(server.origin("WEDSYNC.example."))
    assert response.outcome == "ok"
    assert response.connecting.looking_up_ns is None
    assert asked == []


@wire_only
@pytest.mark.parametrize("answers", [["192.0.2.1"], ["127.0.0.1", "192.0.2.1"]])
async def test_with_a_time_to_live_it_is_and_may_lead_nowhere_else(
    serve, talk_by, answering, resolving, answers
):
    server = await serve(answering(OK))
    asked = resolving(*answers)
    response = await talk_by(guard=PINNED, dns_ttl_ns=1)(server.origin("wedsync.example"))
    assert response.outcome == "blocked"
    assert "(192.0.2.1) is not among the addresses" in response.problem
    assert asked == ["wedsync.example"]


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "::ffff:7f00:1"])
async def test_other_spellings_of_an_address_are_no_names(
    serve, talk, answering, monkeypatch, host
):
    server = await serve(answering(CLOSE))
    loop, asked = asyncio.get_running_loop(), []
    look_up = loop.getaddrinfo

    async def noted(name, port, **options):
        asked.append(name)
        return await look_up(name, port, **options)

    monkeypatch.setattr(loop, "getaddrinfo", noted)
    assert (await talk(server.origin(host))).outcome == "ok"
    assert host not in asked
