"""A virtual user of the engine on the wire client: redirects, cookies and TLS on real sockets."""

from __future__ import annotations

import asyncio
import re

import brotli
import pytest

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def redirect(to: str, status: int = 302, *lines: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"Location: {to}", "Content-Length: 0", *lines))
    return f"HTTP/1.1 {status} Found\r\n{head}\r\n".encode()


def requested(server) -> list[str]:
    return [request.split(b" HTTP/1.1")[0].decode() for request in server.requests]


async def test_a_batch_is_sent_on_connections_of_its_own_at_the_same_time(serve, visit):
    async def play(peer):
        while await peer.request() is not None:
            if len(peer.server.requests) >= 6:
                all_there.set()
            await all_there.wait()  # nobody is answered before six have asked
            await peer.send(OK)

    all_there = asyncio.Event()
    server = await serve(play)
    requests = ", ".join(f'{{ http = "GET /{number}" }}' for number in range(9))
    summary = await visit(
        server, f"batch = [{requests}]", f"batch = [{requests.replace('GET', 'PUT')}]"
    )
    assert summary.outcomes("http_reqs") == {"ok": 18}
    assert server.connections == 6
    assert len(set(requested(server))) == 18


async def test_what_a_server_may_encode_with_is_what_is_decoded(serve, visit, answering):
    body = brotli.compress(b'{"id": 7}')
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: %d\r\n\r\n" % len(body)
    server = await serve(answering(head + body))
    summary = await visit(server, 'http = "GET /a"\ncheck = ["json.id == 7"]')
    assert b"\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" in server.requests[0]
    assert summary.outcomes("checks") == {"pass": 1}


async def test_hops_to_one_origin_share_its_connection_and_each_is_counted(serve, visit, answering):
    server = await serve(answering(redirect("/b"), redirect("c?d=e", 301), OK))
    summary = await visit(server, 'name = "a"\nhttp = "POST /x/a"\njson = { y = 1 }')
    assert requested(server) == ["POST /x/a", "GET /b", "GET /c?d=e"]
    assert server.connections == 1
    assert summary.outcomes("http_reqs") == {"ok": 3}
    assert summary.count("data_sent") == server.received_bytes
    assert summary.count("data_received") == server.sent_bytes
    assert summary.trend("http_req_connecting").count == 1


async def test_a_post_is_sent_again_as_it_was_only_if_the_server_says_so(serve, visit, answering):
    server = await serve(answering(redirect("/b", 307), OK))
    await visit(server, 'name = "a"\nhttp = "POST /a"\njson = { y = 1 }')
    assert requested(server) == ["POST /a", "POST /b"]
    assert [request[-7:] for request in server.requests] == [b'{"y":1}'] * 2


async def test_a_redirect_to_another_origin_takes_no_credentials_along(serve, visit, answering):
    other = await serve(answering(OK))
    server = await serve(answering(redirect(f"http://127.0.0.1:{other.port}/b")))
    summary = await visit(
        server, 'http = "GET /a"\nheaders = { Authorization = "Bearer x", X-Kept = "1" }'
    )
    assert b"Authorization: Bearer x" in server.requests[0]
    assert b"uthorization" not in other.requests[0]
    assert b"X-Kept: 1" in other.requests[0]
    assert re.search(rb"\r\nHost: 127.0.0.1:%d\r\n" % other.port, other.requests[0])
    assert summary.outcomes("http_reqs") == {"ok": 2}


@pytest.mark.parametrize("to", ["http://192.0.2.1/", "http://169.254.169.254/latest", "//10.0.0.1"])
async def test_a_redirect_off_loopback_is_blocked(serve, visit, answering, to):
    server = await serve(answering(redirect(to)))
    summary = await visit(server, 'http = "GET /a"')
    assert summary.outcomes("http_reqs") == {"ok": 1, "blocked": 1}
    assert summary.trend("http_req_duration").count == 1


async def test_a_loop_of_redirects_ends_at_the_limit(serve, visit, answering):
    server = await serve(answering(redirect("/a")))
    summary = await visit(server, 'http = "GET /a"\nredirects = 3')
    assert len(server.requests) == 4
    assert summary.outcomes("http_reqs") == {"ok": 3, "redirect": 1}


@pytest.mark.parametrize("to", ["http://[::1", "http://" + "a" * 64 + "/", "http://a..b/", "x:y"])
async def test_a_redirect_to_nonsense_is_a_failure_and_the_workflow_goes_on(
    serve, visit, answering, to
):
    server = await serve(answering(redirect(to), OK))
    summary = await visit(server, 'name = "a"\nhttp = "GET /a"', 'name = "b"\nhttp = "GET /b"')
    assert requested(server) == ["GET /a", "GET /b"]
    assert sum(summary.outcomes("http_reqs", (("step", "b"),)).values()) == 1
    assert summary.outcomes("iterations") == {"failed": 1}


async def test_cookies_of_a_hop_go_with_the_next(serve, visit, answering):
    server = await serve(
        answering(redirect("/b", 303, "Set-Cookie: s=1; Path=/; HttpOnly", "Set-Cookie: t=2"), OK)
    )
    await visit(server, 'http = "POST /a"\njson = {}')
    assert b"Cookie" not in server.requests[0]
    assert b"\r\nCookie: s=1; t=2\r\n" in server.requests[1]


async def test_set_cookie_headers_that_make_no_sense_do_no_harm(serve, visit, answering):
    nonsense = "".join(
        f"Set-Cookie: {cookie}\r\n"
        for cookie in ("", "=", ";;;", "a=1; Max-Age=²", "b=2; Max-Age=--1", "c=3; Expires=x")
    ).encode("latin-1")
    server = await serve(answering(OK.replace(b"\r\n\r\n", b"\r\n" + nonsense + b"\r\n"), OK))
    summary = await visit(server, 'http = "GET /a"', 'http = "GET /b"')
    assert b"\r\nCookie: a=1; b=2; c=3\r\n" in server.requests[1]
    assert summary.outcomes("iterations") == {"ok": 1}


@pytest.mark.parametrize(
    ("answer", "outcome", "passed"),
    [
        (OK[:-1], "reset", 0),
        (OK.replace(b"2\r\n", b"2\r\nContent-Encoding: gzip\r\n"), "protocol", 0),
        (OK.replace(b"200 OK", b"500 No"), "status", 2),
    ],
)
async def test_checks_hold_only_for_a_response_that_is_complete(
    serve, visit, answer, outcome, passed
):
    async def play(peer):
        await peer.request()
        await peer.send(answer)

    server = await serve(play)
    check = 'check = ["status == 200 or status == 500", "duration < 30s"]'
    summary = await visit(server, f'http = "GET /a"\n{check}')
    assert summary.outcomes("http_reqs") == {outcome: 1}
    assert (summary.rate("checks").yes, summary.rate("checks").total) == (passed, 2)
