"""Opening a WebSocket, and all the ways in which it does not open."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from tests.helpers.ports import free_port
from tests.helpers.waiting import SOON_S, until
from tests.helpers.websocket_frames import frame, read_frame
from tests.integration.protocols.websocket.conftest import CLOCK, to_the_end
from wedload.protocols.http.tls import client_context
from wedload.protocols.websocket.connecting import SocketConnector
from wedload.protocols.websocket.opening import WebSocketError
from wedload.units import NS_PER_S

_WRONG_KEY = (
    b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: AAAA\r\n\r\n"
)


async def _failure(connecting) -> WebSocketError:
    with pytest.raises(WebSocketError) as raised:
        await connecting
    return raised.value


async def test_it_asks_for_the_path_with_its_headers_and_says_what_it_got(serve, upgraded, connect):
    server = await serve(upgraded(to_the_end, b"Sec-WebSocket-Protocol: b", b"X-Who: me"))
    heard = await connect(
        server, "/room/7?as=me", headers=[("X-Wish", "tée"), ("Host", "a.example")],
        subprotocols=["a", "b"],
    )  # fmt: skip
    lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == "GET /room/7?as=me HTTP/1.1"
    assert {"X-Wish: tée", "Host: a.example", "Sec-WebSocket-Protocol: a, b"} <= set(lines)
    connection = heard.connection
    assert connection.usable
    assert connection.subprotocol == "b"
    assert (b"X-Who", b"me") in connection.headers
    assert connection.connecting.connecting_ns is not None
    assert connection.connecting.tls_handshaking_ns is None
    assert 0 < connection.connecting.connecting_ns < connection.connecting.blocked_ns


async def test_over_tls_the_handshake_is_timed_apart(
    serve, upgraded, connect, files, server_context
):
    async def play(peer):
        _, payload, _ = await read_frame(peer.reader)
        await peer.send(frame(payload * 3))
        await peer.gone()

    server = await serve(upgraded(play), tls=server_context())
    connector = SocketConnector(CLOCK, client_context(ca=str(files / "ca.pem")), {}, None)
    heard = await connect(server, connector=connector)
    times = heard.connection.connecting
    assert times.tls_handshaking_ns > 0
    assert times.connecting_ns + times.tls_handshaking_ns < times.blocked_ns
    heard.connection.send(b"x" * 100_000)
    await heard.heard(1)
    assert heard.texts == [b"x" * 300_000]
    await heard.connection.close()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n",
            401,
        ),
        (b"HTTP/1.0 503 Service Unavailable\r\n\r\n", 503),
        (b"HTTP/1.1 522 Made Up\r\nServer: x\r\n\r\n", 522),
        (b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n", 302),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200),
    ],
    ids=["401", "HTTP/1.0", "unknown", "redirect", "page"],
)
async def test_another_status_is_the_outcome_status_and_said(
    serve, connect, closing_after, answer, status
):
    server = await serve(closing_after(answer))
    failure = await _failure(connect(server))
    assert (failure.outcome, failure.status) == ("status", status)
    assert failure.problem == (
        f"http://127.0.0.1:{server.port}: the handshake was answered with status {status}"
    )
    if status == 401:
        assert (b"WWW-Authenticate", b"Bearer") in failure.headers
    assert failure.body == (b"hi" if status == 200 else b"")
    assert server.connections == 1
    await server.all_ended()


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        (b"220 mail.example ESMTP\r\n\r\n", "protocol", "no WebSocket handshake"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "protocol", "upgrade header"),
        (
            _WRONG_KEY,
            "protocol", "sec-websocket-accept",
        ),
        (b"x" * 20_000, "protocol", "no WebSocket handshake"),
        (b"HTTP/1.1 " + b"x" * 9_000 + b"\r\n\r\n", "protocol", "invalid HTTP status line"),
        (b"HTTP/1.1 101 Swit", "reset", "closed the connection instead of answering"),
        (b"", "reset", "closed the connection instead of answering"),
    ],
    ids=["mail", "no upgrade", "wrong key", "noise", "long", "half", "nothing"],
)  # fmt: skip
async def test_what_is_no_websocket_says_so(serve, connect, closing_after, answer, outcome, said):
    server = await serve(closing_after(answer))
    failure = await _failure(connect(server))
    assert (failure.outcome, said in failure.problem) == (outcome, True), failure.problem
    assert len(failure.problem) < 300
    await server.all_ended()


@pytest.mark.parametrize(
    "header", [b"Sec-WebSocket-Extensions: permessage-deflate", b"Sec-WebSocket-Protocol: other"]
)
async def test_what_was_not_asked_for_is_refused(serve, upgraded, connect, header):
    server = await serve(upgraded(to_the_end, header))
    failure = await _failure(connect(server, subprotocols=["mine"]))
    assert failure.outcome == "protocol"
    assert "not asked for" in failure.problem
    await server.all_ended()


async def test_a_connection_reset_in_the_handshake_is_a_reset(serve, connect):
    async def play(peer):
        await peer.request()
        peer.reset()

    assert (await _failure(connect(await serve(play)))).outcome == "reset"


async def test_silence_is_a_timeout_and_leaves_no_socket(serve, connect):
    server = await serve(to_the_end)
    failure = await _failure(connect(server, timeout_ns=int(SOON_S * NS_PER_S)))
    assert failure.outcome == "timeout"
    assert "no answer to the handshake" in failure.problem
    await server.all_ended()


async def test_silence_in_the_tls_handshake_is_a_timeout_and_leaves_no_socket(serve, connect):
    server = await serve(to_the_end)
    url = f"wss://127.0.0.1:{server.port}/"
    failure = await _failure(connect(url, timeout_ns=int(SOON_S * NS_PER_S)))
    assert failure.outcome == "timeout"
    assert "no connection to https://127.0.0.1" in failure.problem
    await server.all_ended()


async def test_whoever_gives_up_leaves_no_socket(serve, connect):
    server = await serve(to_the_end)
    opening = asyncio.create_task(connect(server))
    await until(lambda: bool(server.connections))
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await server.all_ended()


async def test_nobody_listening_is_the_outcome_connect(connect):
    failure = await _failure(connect(f"ws://127.0.0.1:{free_port()}/"))
    assert failure.outcome == "connect"
    assert "refused" in failure.problem


async def test_an_unknown_name_is_the_outcome_dns(connect):
    assert (await _failure(connect("ws://no-such-host.invalid/"))).outcome == "dns"


async def test_an_address_that_is_not_loopback_is_blocked(connect):
    failure = await _failure(connect("ws://192.0.2.1/"))
    assert failure.outcome == "blocked"
    assert "not on loopback" in failure.problem


async def test_hosts_leads_a_name_and_its_port_elsewhere(serve, upgraded, connect):
    server = await serve(upgraded(to_the_end))
    connector = SocketConnector(CLOCK, None, {"shop.example": ("127.0.0.1", server.port)}, None)
    heard = await connect("ws://shop.example/live", connector=connector)
    assert heard.connection.usable
    assert b"\r\nHost: shop.example\r\n" in server.requests[0]


async def test_a_certificate_of_an_unknown_authority_is_the_outcome_tls(
    serve, upgraded, connect, server_context
):
    server = await serve(upgraded(to_the_end), tls=server_context())
    failure = await _failure(connect(server))
    assert failure.outcome == "tls"
    assert "unable to get local issuer certificate" in failure.problem


async def test_a_certificate_for_another_name_is_the_outcome_tls(
    serve, upgraded, connect, files, server_context
):
    server = await serve(upgraded(to_the_end), tls=server_context("other.example"))
    connector = SocketConnector(CLOCK, client_context(ca=str(files / "ca.pem")), {}, None)
    failure = await _failure(connect(server, connector=connector))
    assert failure.outcome == "tls"
    assert "mismatch" in failure.problem


async def test_a_server_without_tls_is_the_outcome_tls(serve, connect):
    async def play(peer):
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await peer.gone()

    server = await serve(play)
    failure = await _failure(connect(f"wss://127.0.0.1:{server.port}/"))
    assert failure.outcome == "tls"
    assert "TLS handshake failed" in failure.problem


async def test_a_header_with_a_line_break_is_never_sent(serve, connect):
    server = await serve(to_the_end)
    with pytest.raises(ValueError, match="X-A holds a line break"):
        await connect(server, headers=[("X-A", "b\r\nX-C: d")])
    assert server.connections == 0


async def test_failures_leave_no_files_open(serve, connect, closing_after):
    server = await serve(closing_after(b"HTTP/1.1 401 No\r\n\r\n"))
    process = psutil.Process()
    await _failure(connect(server))
    await server.all_ended()
    before = process.num_fds()
    for _ in range(20):
        await _failure(connect(server))
    await server.all_ended()
    await until(lambda: process.num_fds() <= before)
