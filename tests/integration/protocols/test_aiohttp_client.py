"""The client on aiohttp, where it differs from the wire client, and what of aiohttp is turned off.

All else that it does is in the tests that both clients have to pass.
"""

from __future__ import annotations

import pytest

from tests.helpers.responses import OK
from wedload.protocols.aiohttp.pool import AiohttpPool
from wedload.protocols.http.tls import client_context
from wedload.workload.request import Origin

SECOND = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nthe second"

pytestmark = pytest.mark.parametrize("talk", ["aiohttp"], indirect=True)


@pytest.mark.parametrize("more", [b"HTTP/1.1 200 OK\r\n", b"H"], ids=["status-line", "one-byte"])
async def test_the_beginning_of_a_second_response_is_thrown_away(serve, talk, answering, more):
    """Its parser does not say that there is more: the connection goes on, with a new parser."""
    server = await serve(answering(OK + more, SECOND))
    assert (await talk(server)).body == b"hello"
    response = await talk(server)
    assert (response.outcome, response.body) == ("ok", b"the second")


async def test_garbage_after_a_response_is_a_failure_of_this_response(serve, talk, answering):
    """Its parser hands on nothing of what it has read at once, if a part of it is broken."""
    server = await serve(answering(OK + b"garbage", SECOND))
    assert (await talk(server)).outcome == "protocol"
    response = await talk(server)
    assert (response.outcome, response.body) == ("ok", b"the second")
    assert server.connections == 2


async def test_a_body_in_answer_to_head_is_a_failure(serve, talk, answering):
    """The same: the body is garbage after a response without one."""
    server = await serve(answering(OK, OK))
    assert (await talk(server, method="HEAD")).outcome == "protocol"
    response = await talk(server)
    assert (response.outcome, response.body) == ("ok", b"hello")
    assert server.connections == 2


async def test_a_get_whose_reused_connection_breaks_is_not_sent_again(serve, talk):
    """By itself aiohttp would send it again, on a new connection, and say nothing."""

    async def play(peer):
        while await peer.request() is not None:
            if len(peer.server.requests) == 2:
                return
            await peer.send(OK)

    server = await serve(play)
    assert [(await talk(server)).outcome for _ in range(3)] == ["ok", "reset", "ok"]
    assert (server.connections, len(server.requests)) == (2, 3)


async def test_no_header_is_added_and_no_cookie_kept(serve, talk, answering):
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 5\r\n\r\nhello"
    server = await serve(answering(cookie))
    for _ in range(2):
        await talk(server, method="POST", body=b"x", headers=(b"X-A: \xc3\xa4\r\n",))
    assert server.requests == 2 * [
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-A: \xc3\xa4\r\nContent-Length: 1\r\n\r\nx"
        % server.port
    ]


async def test_a_redirect_is_a_response_like_any_other(serve, talk, answering):
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    server = await serve(answering(moved))
    assert (await talk(server)).status == 302
    assert len(server.requests) == 1


async def test_parts_of_connecting_add_up_over_tls(serve, talk_with, server_context, files, talk):
    async def play(peer):
        while await peer.request() is not None:
            await peer.send(OK)

    server = await serve(play, tls=server_context())
    pool = type(talk.pool)(talk.pool.clock, client_context(ca=str(files / "ca.pem")))
    first, second = [await talk_with(pool)(server) for _ in range(2)]
    times = first.connecting
    assert times.connecting_ns > 0
    assert times.tls_handshaking_ns > 0
    assert times.connecting_ns + times.tls_handshaking_ns <= times.blocked_ns
    assert second.connecting is not None  # another client
    assert times.looking_up_ns is None
    await pool.close()


async def test_a_header_that_aiohttp_does_not_send_is_a_failure_that_says_so(
    serve, talk, answering
):
    server = await serve(answering(OK))
    response = await talk(server, headers=(b"X: a\x01b\r\n",))
    assert (response.outcome, response.sent_bytes) == ("protocol", 0)
    assert response.problem.startswith("aiohttp does not send it: Forbidden control character")
    assert (await talk(server)).outcome == "ok"
    assert len(server.requests) == 1


async def test_what_it_sends_otherwise_than_the_wire_client(serve, talk, answering):
    server = await serve(answering(OK))
    await talk(server, method="POST", target=b"/a?")
    host = b"Host: 127.0.0.1:%d\r\n" % server.port
    assert server.requests == [b"POST /a HTTP/1.1\r\n%bContent-Length: 0\r\n\r\n" % host]


async def test_hosts_lead_to_an_address_and_a_port(serve, answering, talk_with, talk):
    server = await serve(answering(OK))
    pool = AiohttpPool(talk.pool.clock, hosts={"shop.example": ("127.0.0.1", server.port)})
    response = await talk_with(pool)(Origin("http", "Shop.Example", 80))
    assert (response.outcome, response.body) == ("ok", b"hello")
    assert server.requests == [b"GET / HTTP/1.1\r\nHost: Shop.Example\r\n\r\n"]
    await pool.close()


async def test_the_next_address_is_tried_when_one_refuses(serve, answering, talk):
    server = await serve(answering(OK))  # on 127.0.0.1 alone
    addresses = ["127.0.0.2", "127.0.0.3", "127.0.0.1"]
    talk.pool.names._addresses["shop.example"] = addresses, talk.pool.clock.now_ns()
    response = await talk(Origin("http", "shop.example", server.port))
    assert (response.outcome, response.body) == ("ok", b"hello")
