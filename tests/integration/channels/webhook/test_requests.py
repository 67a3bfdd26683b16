"""All the ways in which HTTP/1.1 may carry a delivery."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.webhooks import delivery

BODY = b'{"id": "s-1"}'
HEAD = b"POST /hooks HTTP/1.1\r\nHost: receiver\r\nwebhook-id: m\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


async def test_one_connection_carries_many_deliveries(listen):
    receiver = await listen()
    sender = await receiver.sender()
    for number in range(100):
        assert (await sender.post(b'{"id": %d}' % number))[0] == 200
    assert receiver.hearing.keys == [str(number) for number in range(100)]


async def test_deliveries_sent_at_once_are_answered_in_order(listen):
    receiver = await listen()
    sender = await receiver.sender()
    paths = ["/hooks", "/other", "/hooks", "/hooks"]
    sender.writer.write(
        b"".join(delivery(b'{"id": %d}' % number, path=path) for number, path in enumerate(paths))
    )
    assert [(await sender.answer())[0] for _ in paths] == [200, 404, 200, 200]
    assert receiver.hearing.keys == ["0", "2", "3"]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
async def test_a_delivery_may_come_in_pieces_of_any_size(listen, size):
    receiver = await listen()
    sender = await receiver.sender()
    data = delivery(BODY, {"webhook-id": "m"}) + CHUNKED + b"d\r\n" + BODY + b"\r\n0\r\n\r\n"
    for start in range(0, len(data), size):
        sender.writer.write(data[start : start + size])
        await asyncio.sleep(0)
    assert [(await sender.answer())[0] for _ in range(2)] == [200, 200]
    assert receiver.hearing.counted("webhook_duplicates") == 1


@pytest.mark.parametrize(
    "body",
    [
        b"d\r\n" + BODY + b"\r\n0\r\n\r\n",
        b"4\r\n" + BODY[:4] + b"\r\n9;a=b\r\n" + BODY[4:] + b"\r\n0;c\r\nX-Sum: 1\r\nid: x\r\n\r\n",
        b"".join(b"1\r\n%c\r\n" % byte for byte in BODY) + b"000\r\n\r\n",
    ],
)
async def test_a_body_may_be_chunked_with_extensions_and_trailers(listen, body):
    receiver = await listen()
    sender = await receiver.sender()
    sender.writer.write(CHUNKED + body)
    assert (await sender.answer())[0] == 200
    ((key, *_, message),) = receiver.hearing.messages
    assert (key, message.body) == ("s-1", BODY)
    assert "x-sum" not in message.headers
    assert (await sender.post(BODY, {"webhook-id": "n"}))[0] == 200


async def test_who_waits_for_a_go_ahead_gets_it(listen):
    receiver = await listen()
    sender = await receiver.sender()
    sender.writer.write(HEAD + b"Content-Length: 13\r\nExpect: 100-Continue\r\n\r\n")
    assert (await sender.answer())[0] == 100
    sender.writer.write(BODY)
    assert (await sender.answer())[0] == 200
    assert receiver.hearing.keys == ["s-1"]


@pytest.mark.parametrize(
    ("path", "length", "status"), [("/hooks", 1_000_001, 413), ("/other", 13, 404)]
)
async def test_who_would_wait_in_vain_is_told_at_once(listen, path, length, status):
    receiver = await listen()
    sender = await receiver.sender()
    head = f"POST {path} HTTP/1.1\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    sender.writer.write(head.encode())
    found, headers, _ = await sender.answer()
    assert (found, headers["connection"]) == (status, "close")
    assert await sender.rest() == b""


@pytest.mark.parametrize(
    ("version", "connection", "stays", "said"),
    [
        ("1.1", None, True, None), ("1.1", "keep-alive", True, "keep-alive"),
        ("1.1", "close", False, "close"), ("1.0", None, False, "close"),
        ("1.0", "Keep-Alive", True, "keep-alive"),
    ],
)  # fmt: skip
async def test_a_connection_stays_open_if_the_sender_wants_it(
    listen, version, connection, stays, said
):
    receiver = await listen()
    sender = await receiver.sender()
    line = "" if connection is None else f"Connection: {connection}\r\n"
    data = f"POST /hooks HTTP/{version}\r\n{line}Content-Length: 13\r\n\r\n".encode() + BODY
    sender.writer.write(data)
    status, headers, _ = await sender.answer()
    assert (status, headers.get("connection")) == (200, said)
    if stays:
        sender.writer.write(data)
        assert (await sender.answer())[0] == 200
    else:
        assert await sender.rest() == b""


async def test_who_hangs_up_its_end_after_a_delivery_is_answered(listen):
    receiver = await listen()
    sender = await receiver.sender()
    sender.writer.write(delivery(BODY))
    sender.writer.write_eof()
    assert (await sender.answer())[0] == 200
    assert await sender.rest() == b""
    assert receiver.hearing.rejections == {}


@pytest.mark.parametrize(
    "target", ["/hooks", "/hooks?token=a/b&x", "http://receiver/hooks", "http://receiver/hooks?x=y"]
)
async def test_the_path_may_have_a_query_and_a_host(listen, target):
    receiver = await listen()
    sender = await receiver.sender()
    assert (await sender.post(BODY, path=target))[0] == 200
    assert receiver.hearing.keys == ["s-1"]


async def test_a_path_with_other_characters_is_as_its_url_says(listen):
    receiver = await listen(webhook="/hööks of mine")
    assert receiver.url.endswith("/h%C3%B6%C3%B6ks%20of%20mine")
    sender = await receiver.sender()
    path = receiver.url[receiver.url.index("/h%C3") :]
    assert (await sender.post(BODY, path=path))[0] == 200


@pytest.mark.parametrize(
    "target", ["/", "/hooks/", "/hook", "/Hooks", "*", "http://hooks", "/?/hooks"]
)
async def test_another_path_is_not_found_and_the_connection_goes_on(listen, target):
    receiver = await listen()
    sender = await receiver.sender()
    status, _, text = await sender.post(BODY, path=target)
    assert (status, text.split(b":")[0]) == (404, b"wrong-path")
    assert (await sender.post(BODY))[0] == 200
    assert receiver.hearing.rejections == {"wrong-path": 1}
    assert receiver.hearing.counted("webhook_attempts") == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_another_method_is_not_allowed_and_the_connection_goes_on(listen, method):
    receiver = await listen()
    sender = await receiver.sender()
    sender.writer.write(f"{method} /hooks HTTP/1.1\r\nHost: receiver\r\n\r\n".encode())
    status, headers, text = await sender.answer(head_only=method == "HEAD")
    assert (status, headers["allow"]) == (405, "POST")
    assert text.split(b":")[0] == (b"" if method == "HEAD" else b"wrong-method")
    assert (await sender.post(BODY))[0] == 200
    assert receiver.hearing.rejections == {"wrong-method": 1}
    assert receiver.hearing.counted("webhook_attempts") == 1


@pytest.mark.parametrize(
    ("framing", "body"),
    [("Content-Length: 13", BODY), ("Transfer-Encoding: chunked", b"d\r\n%s\r\n0\r\n\r\n" % BODY)],
)
@pytest.mark.parametrize("apart", [False, True])
async def test_an_offer_of_http2_is_passed_over(listen, framing, body, apart):
    receiver = await listen()
    sender = await receiver.sender()
    sender.writer.write(
        HEAD + f"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n{framing}\r\n".encode()
        + b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n\r\n"
    )  # fmt: skip
    if apart:
        await sender.writer.drain()
        await asyncio.sleep(0.01)
    sender.writer.write(body + delivery(BODY, {"webhook-id": "n"}))
    assert [(await sender.answer())[0] for _ in range(2)] == [200, 200]
    assert len(receiver.hearing.messages) == 2
    assert receiver.hearing.messages[0][4].headers["upgrade"] == "h2c"


async def test_who_wants_a_tunnel_or_a_websocket_gets_none(listen):
    receiver = await listen()
    sender = await receiver.sender()
    sender.writer.write(b"CONNECT receiver:80 HTTP/1.1\r\nHost: receiver\r\n\r\n")
    assert (await sender.answer())[0] == 404
    sender.writer.write(
        b"GET /hooks HTTP/1.1\r\nHost: receiver\r\n"
        b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    )
    assert (await sender.answer())[0] == 405
    assert (await sender.post(BODY))[0] == 200


async def test_a_header_that_comes_twice_is_a_list(listen):
    receiver = await listen(key="headers['x-one']")
    sender = await receiver.sender()
    sender.writer.write(HEAD + b"X-One: a\r\nContent-Length: 0\r\nx-one:  b \r\n\r\n")
    assert (await sender.answer())[0] == 200
    assert receiver.hearing.keys == ["a, b"]
