"""Proxies: a real one (tinyproxy), and one of the tests' own where exact bytes matter."""

from __future__ import annotations

import asyncio
import shutil
from base64 import b64encode

import pytest

from tests.helpers.ports import free_port
from tests.helpers.responses import OK
from tests.helpers.waiting import GENEROUS_S, until
from wedload.clock import MonotonicClock
from wedload.plan.proxy import Proxy
from wedload.protocols.aiohttp.pool import AiohttpPool
from wedload.protocols.http.tls import client_context
from wedload.workload.request import Origin

USER, PASSWORD = "load", "open-sesame"


@pytest.fixture
async def tinyproxy(tmp_path):
    """Start tinyproxy; with credentials that it wants, if any are given."""
    program = shutil.which("tinyproxy")
    assert program is not None, "tinyproxy is missing; .ci/run installs it (tinyproxy-bin)"
    running = []

    async def start(*credentials: str) -> int:
        port = free_port()
        lines = [f"Port {port}", "Listen 127.0.0.1", "Timeout 60", "Allow 127.0.0.1"]
        lines += [f"BasicAuth {' '.join(credentials)}"] if credentials else []
        settings = tmp_path / f"tinyproxy-{port}.conf"
        settings.write_text("\n".join([*lines, ""]))
        process = await asyncio.create_subprocess_exec(
            program, "-d", "-c", str(settings), stdout=asyncio.subprocess.DEVNULL
        )
        running.append(process)
        async with asyncio.timeout(GENEROUS_S):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except ConnectionRefusedError:
                    await asyncio.sleep(0.01)
                else:
                    writer.close()
                    await writer.wait_closed()
                    return port

    yield start
    for process in running:
        process.terminate()
        await process.wait()


@pytest.fixture
async def talk_by(talk_with, files):
    """Clients that go through a proxy, and trust the tests' authority."""
    pools = []

    def make(proxy: str, **settings):
        tls = client_context(ca=str(files / "ca.pem"))
        pools.append(AiohttpPool(MonotonicClock(), tls, proxy=Proxy.parse(proxy), **settings))
        return talk_with(pools[-1])

    yield make
    for pool in pools:
        await pool.close()


@pytest.fixture(params=["http", "https"])
async def server(request, serve, answering, server_context):
    """What is behind the proxy."""
    return await serve(answering(OK), tls=server_context() if request.param == "https" else None)


@pytest.mark.parametrize("credentials", [(), (USER, PASSWORD)], ids=["open", "with-credentials"])
async def test_requests_go_through_a_proxy(server, tinyproxy, talk_by, adds_up, credentials):
    port = await tinyproxy(*credentials)
    user = f"{':'.join(credentials)}@" if credentials else ""
    talk = talk_by(f"http://{user}127.0.0.1:{port}")
    for _ in range(3):
        response = await talk(server, method="POST", target=b"/a?b=c%20d", body=b"x" * 100_000)
        assert (response.outcome, response.status, response.body) == ("ok", 200, b"hello")
        adds_up(response)
        if server.scheme == "http":  # tinyproxy closes, and does not say so in its answer
            await until(lambda: not talk.connected)
    assert len(server.requests) == 3
    assert all(request.startswith(b"POST /a?b=c%20d HTTP/1.") for request in server.requests)
    assert all(b"proxy-authorization" not in request.lower() for request in server.requests)
    if server.scheme == "http":  # in a tunnel it cannot leave a trace
        assert all(b"(tinyproxy/" in request for request in server.requests)


async def test_credentials_that_a_proxy_lacks_are_a_failure_to_connect(server, tinyproxy, talk_by):
    port = await tinyproxy(USER, PASSWORD)
    response = await talk_by(f"http://127.0.0.1:{port}")(server)
    assert response.outcome == "connect"
    assert response.problem.startswith(f"proxy http://127.0.0.1:{port} needs credentials: 407 ")
    assert server.connections == 0


async def test_credentials_that_a_proxy_refuses_are_not_shown(server, tinyproxy, talk_by):
    port = await tinyproxy(USER, PASSWORD)
    response = await talk_by(f"http://{USER}:wrong-one@127.0.0.1:{port}")(server)
    if server.scheme == "http":  # tinyproxy says 401, as the target itself might
        assert (response.outcome, response.status) == ("ok", 401)
    else:
        assert response.outcome == "connect"
        assert response.problem.startswith(
            f"proxy http://127.0.0.1:{port} refuses the credentials: 401 "
        )
        assert "wrong-one" not in response.problem
    assert server.connections == 0


async def test_credentials_that_a_proxy_refuses_for_http_are_a_failure_to_connect(
    serve, answering, talk_by
):
    proxy = await serve(answering(b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"))
    talk = talk_by(f"http://{USER}:wrong-one@127.0.0.1:{proxy.port}")
    response = await talk(Origin("http", "127.0.0.1", 8080))
    assert (response.outcome, response.status) == ("connect", 407)
    assert response.problem == (
        f"proxy http://127.0.0.1:{proxy.port} refuses the credentials: "
        "407 Proxy Authentication Required"
    )


async def test_a_proxy_that_is_not_there_is_named(server, talk_by):
    port = free_port()
    response = await talk_by(f"http://{USER}:{PASSWORD}@127.0.0.1:{port}")(server)
    assert (response.outcome, response.sent_ns, response.sent_bytes) == ("connect", 0, 0)
    assert response.problem == f"proxy http://127.0.0.1:{port}: Connection refused"


async def test_a_target_that_is_not_there_is_the_proxys_answer(tinyproxy, talk_by):
    talk = talk_by(f"http://127.0.0.1:{await tinyproxy()}")
    assert (await talk(Origin("http", "127.0.0.1", free_port()))).status == 500
    response = await talk(Origin("https", "127.0.0.1", free_port()))
    assert response.outcome == "connect"
    assert "makes no tunnel to https://127.0.0.1:" in response.problem


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("proxy", "target", "blocked"),
    [
        ("192.0.2.7", "127.0.0.1", "192.0.2.7 is not on loopback"),
        ("127.0.0.1", "192.0.2.8", "192.0.2.8 is not on loopback"),
        ("127.0.0.1", "shop.example", "shop.example (192.0.2.9) is not on loopback"),
    ],
    ids=["proxy", "target", "hosts"],
)
async def test_the_guard_is_asked_about_the_proxy_and_about_the_target(
    talk_by, serve, answering, scheme, proxy, target, blocked
):
    listening = await serve(answering(OK))
    talk = talk_by(f"http://{proxy}:{listening.port}", hosts={"shop.example": ("192.0.2.9", None)})
    response = await talk(Origin(scheme, target, 443))
    assert response.outcome == "blocked"
    assert blocked in response.problem
    assert listening.connections == 0


async def test_a_proxy_is_told_where_hosts_lead_to(
    serve, answering, server_context, tinyproxy, talk_by
):
    server = await serve(answering(OK), tls=server_context("shop.example"))
    talk = talk_by(
        f"http://127.0.0.1:{await tinyproxy()}",
        hosts={"shop.example": ("127.0.0.1", server.port)},
    )
    for _ in range(2):
        response = await talk(Origin("https", "shop.example", 443))
        assert (response.outcome, response.body) == ("ok", b"hello")
    assert server.requests == 2 * [b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"]
    assert server.connections == 1


async def test_a_proxy_gets_the_whole_address_and_bytes_are_those_that_it_counts(
    serve, answering, talk_by
):
    proxy = await serve(answering(OK))
    talk = talk_by(f"http://{USER}:p%40ss%3A@127.0.0.1:{proxy.port}")
    responses = [await talk(Origin("http", "127.0.0.1", 8080), target=b"/a%20b?c") for _ in "ab"]
    shown = b64encode(f"{USER}:p@ss:".encode())
    assert proxy.requests == 2 * [
        b"GET http://127.0.0.1:8080/a%%20b?c HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n"
        b"Proxy-Authorization: Basic %b\r\n\r\n" % shown
    ]
    assert sum(response.sent_bytes for response in responses) == proxy.received_bytes
    assert sum(response.received_bytes for response in responses) == proxy.sent_bytes
    assert proxy.connections == 1


async def test_a_tunnel_that_the_proxy_does_not_open_in_time_is_a_time_out(serve, talk_by, adds_up):
    async def play(peer):
        await peer.request()
        await peer.gone()

    proxy = await serve(play)
    response = await talk_by(f"http://127.0.0.1:{proxy.port}")(
        Origin("https", "127.0.0.1", 8443), timeout_s=0.1
    )
    assert (response.outcome, response.sent_bytes) == ("timeout", 0)
    assert response.duration >= 100_000_000
    (asked,) = proxy.requests
    assert asked.startswith(b"CONNECT 127.0.0.1:8443 HTTP/1.1\r\nHost: 127.0.0.1:8443\r\n")
    adds_up(response)
    await proxy.all_ended()
