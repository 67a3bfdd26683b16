"""HTTP/2: what a server may do is read as what it is, and what it may not do is a failure.

A row is a name, what the server does with the stream of a request, and what becomes of it. After
each, another request must fare well, on the same connection where the row says `keeps`; afterwards
no socket may be left. Sources: RFC 9113, and RFC 7541 for header blocks.
"""
# ruff: noqa: E501 - a row of the table is one line

from __future__ import annotations

import gzip

import h2.settings
import psutil
import pytest

from tests.helpers.http2_frames import frame
from tests.helpers.waiting import SOON_S

MAX_BYTES = 4_000_000
LARGE = b"wedding " * 400_000  # more than a stream's window
MANY = [(b"x-%d" % number, b"v" * 200) for number in range(400)]  # several CONTINUATION frames
OK = [(b":status", b"200")]


def raw(*frames):
    """Frames; a stream of None is that of the request."""

    async def act(peer, stream):
        await peer.raw(
            b"".join(frame(k, f, stream if s is None else s, p) for k, f, s, p in frames)
        )

    return act


def answer(body=b"hello", *headers, **options):
    async def act(peer, stream):
        await peer.answer(stream, body, *headers, **options)

    return act


def head(*fields, end=False):
    async def act(peer, stream):
        peer.state.send_headers(stream, list(fields or OK), end_stream=end)
        await peer.flush()

    return act


def data(body=b"hello", *, end=False, **options):
    async def act(peer, stream):
        await peer.send(stream, body, end_stream=end, **options)

    return act


def reset(code):
    async def act(peer, stream):
        peer.state.reset_stream(stream, code)
        await peer.flush()

    return act


def goaway(last, code=0, text=b""):
    """`last`: the request's stream, or a number."""

    async def act(peer, stream):
        number = stream if last is None else last
        await peer.raw(frame(7, 0, 0, number.to_bytes(4) + code.to_bytes(4) + text))

    return act


async def close(peer, stream):
    peer.over = True


async def reset_connection(peer, stream):
    peer.peer.reset()


async def silence(peer, stream):
    await peer.until(lambda: peer.resets or peer.gone)


async def ping(peer, stream):
    peer.state.ping(b"12345678")
    await peer.flush()
    await peer.until(lambda: peer.pongs)
    assert peer.pongs == [b"12345678"]


async def bytewise(peer, stream):
    for at in range(5):
        peer.state.send_data(stream, b"hello"[at : at + 1])
        await peer.flush()
    peer.state.end_stream(stream)
    await peer.flush()


HELLO = {"body": b"hello"}
STATUS_200 = b"\x88"
UPPER = b"\x40\x01A\x01b"  # a literal field with an upper-case name

LEGAL = [
    ("headers and data", [answer()], HELLO),
    ("no body", [answer(b"")], {}),
    ("headers alone", [head((b":status", b"204"), end=True)], {"status": 204}),
    ("404", [answer(status=b"404")], {**HELLO, "status": 404}),
    ("304 with a length", [head((b":status", b"304"), (b"content-length", b"9"), end=True)], {"status": 304}),
    ("data in one-byte frames", [head(), bytewise], HELLO),
    ("padded data", [head(), data(pad_length=200), data(b"!", end=True, pad_length=255)], {"body": b"hello!"}),
    ("empty data frames", [head(), data(b""), data(), data(b"", end=True)], HELLO),
    ("more than a window", [answer(LARGE)], {"body": LARGE}),
    ("more than a window, padded", [head(), *[data(b"x", pad_length=255)] * 6000, data(b"", end=True)], {"body": b"x" * 6000}),
    ("CONTINUATION", [answer(b"hello", *MANY)], {**HELLO, "headers": {k.decode(): v.decode() for k, v in MANY}}),
    ("padded headers", [raw((1, 0x0C, None, b"\x05" + STATUS_200 + bytes(5))), raw((0, 1, None, b"hello"))], HELLO),
    ("a repeated header", [answer(b"hello", (b"a", b"1"), (b"a", b"2"))], {**HELLO, "headers": {"a": "1, 2"}}),
    ("trailers", [head(), data(), head((b"x-sum", b"17"), end=True)], {**HELLO, "headers": {}}),
    ("103 first", [head((b":status", b"103"), (b"link", b"</a>")), answer()], {**HELLO, "headers": {}}),
    ("a hundred interim ones", [*[head((b":status", b"102"))] * 100, answer()], HELLO),
    ("gzip", [answer(gzip.compress(LARGE[:9000]), (b"content-encoding", b"gzip"))], {"body": LARGE[:9000]}),
    ("a ping", [head(), ping, data(end=True)], HELLO),
    ("a frame that nobody knows", [raw((0xEE, 0xFF, None, b"what")), answer()], HELLO),
    ("a setting that nobody knows", [raw((4, 0, 0, b"\x77\x77\0\0\0\x01")), answer()], HELLO),
    ("PRIORITY", [raw((2, 0, None, b"\0\0\0\0\x10")), answer()], HELLO),
    ("a window that grows", [raw((8, 0, 0, b"\0\0\x10\0")), answer()], HELLO),
    ("a reset after the answer", [answer(), raw((3, 0, None, b"\0\0\0\0"))], HELLO),
    ("GOAWAY that lets it end", [goaway(None), answer()], {**HELLO, "keeps": False}),
    ("GOAWAY in two steps", [goaway(2**31 - 1), goaway(None), answer()], {**HELLO, "keeps": False}),
]  # fmt: skip

BROKEN = [
    ("reset at once", [reset(0xB)], "reset", "ENHANCE_YOUR_CALM", True),
    ("reset after the headers", [head(), reset(0x2)], "reset", "INTERNAL_ERROR", True),
    ("reset in the body", [head(), data(), reset(0x8)], "reset", "CANCEL", True),
    ("reset without an error", [head(), data(), reset(0x0)], "reset", "NO_ERROR", True),
    ("reset with a code that nobody knows", [raw((3, 0, None, b"\0\0\x77\x77"))], "reset", "0x7777", True),
    ("less than its length", [head(*OK, (b"content-length", b"9")), data(end=True)], "protocol", "PROTOCOL_ERROR", True),
    ("more than its length", [head(*OK, (b"content-length", b"2")), raw((0, 1, None, b"hello"))], "protocol", "PROTOCOL_ERROR", True),
    ("no status", [head((b"a", b"b"), end=True)], "protocol", "PROTOCOL_ERROR", True),
    ("a status that is none", [head((b":status", b"2x0"), end=True)], "protocol", "PROTOCOL_ERROR", True),
    ("101", [head((b":status", b"101"))], "protocol", "PROTOCOL_ERROR", True),
    ("an upper-case name", [raw((1, 5, None, STATUS_200 + UPPER))], "protocol", "PROTOCOL_ERROR", True),
    ("Connection", [head(*OK, (b"connection", b"close"), end=True)], "protocol", "PROTOCOL_ERROR", True),
    ("data before headers", [raw((0, 1, None, b"hello"))], "protocol", "", None),
    ("more than a hundred interim ones", [*[head((b":status", b"102"))] * 101, answer()], "protocol", "interim", True),
    ("a broken gzip body", [answer(b"what", (b"content-encoding", b"gzip"))], "protocol", "gzip", True),
    ("a coding that nobody knows", [answer(b"what", (b"content-encoding", b"odd"))], "protocol", "odd", True),
    ("a body that is too large", [answer(b"x" * (MAX_BYTES + 1))], "too_large", "4,000,000", True),
    ("a body that decodes to too much", [answer(gzip.compress(bytes(MAX_BYTES + 1)), (b"content-encoding", b"gzip"))], "too_large", "4,000,000", True),
    ("headers that are too large", [head(*OK, *[(b"x-%d" % n, b"v" * 1000) for n in range(400)])], "too_large", "header", False),
    ("GOAWAY that drops it", [goaway(0, 0xB, b"calm down")], "reset", "ENHANCE_YOUR_CALM (calm down)", False),
    ("GOAWAY and the end", [goaway(None), close], "reset", "before a response", False),
    ("HTTP/1.1", [raw(), lambda peer, stream: peer.raw(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 400)], "protocol", "frame size", False),
    ("a push", [raw((5, 4, None, b"\0\0\0\x02\x82\x86\x84\x41\x01a"))], "protocol", "push disabled", False),
    ("a header block that is none", [raw((1, 5, None, b"\xff\xff\xff\xff\xff\xff"))], "protocol", "COMPRESSION_ERROR", False),
    ("a window that overflows", [raw((8, 0, 0, b"\x7f\xff\xff\xff"))], "protocol", "FLOW_CONTROL_ERROR", False),
    ("a window that does not grow", [raw((8, 0, 0, bytes(4)))], "protocol", "WINDOW_UPDATE", False),
    ("a setting that may not be", [raw((4, 0, 0, b"\0\x02\0\0\0\x07"))], "protocol", "SETTINGS", False),
    ("a ping of a wrong size", [raw((6, 0, 0, b"short"))], "protocol", "FRAME_SIZE_ERROR", False),
    ("data of a stream that nobody opened", [raw((0, 1, 99, b"hello"))], "protocol", "DATA", False),
    ("CONTINUATION of nothing", [raw((9, 4, None, b""))], "protocol", "CONTINUATION", False),
    ("the end at once", [close], "reset", "before a response", False),
    ("the end in the body", [head(), data(), close], "reset", "mid-response", False),
    ("a reset of the connection", [reset_connection], "reset", "before a response", False),
    ("silence", [silence], "timeout", "time-out", True),
    ("silence after the headers", [head(), silence], "timeout", "time-out", True),
    ("silence in the body", [head(), data(), silence], "timeout", "time-out", True),
]  # fmt: skip


def ids(rows):
    return [row[0] for row in rows]


def playing(acts):
    """Do so with the first request, and answer all others."""

    async def play(peer):
        first = peer.peer.server.connections == 1
        while (asked := await peer.request()) is not None:
            if first:
                first = False
                for act in acts:
                    await act(peer, asked.stream)
                if peer.over:
                    return
            else:
                await peer.answer(asked.stream, b"fine")

    return play


@pytest.mark.parametrize("how", ["TLS", "cleartext, in pieces"])
@pytest.mark.parametrize(("_name", "acts", "expected"), LEGAL, ids=ids(LEGAL))
async def test_what_is_legal_is_read(
    serve_http2, talking, no_socket_left, adds_up, how, _name, acts, expected
):
    tls = how == "TLS"
    server = await serve_http2(playing(acts), tls=tls, in_pieces=not tls)
    before = psutil.Process().num_fds()
    talk = talking()
    response = await talk(server, max_bytes=MAX_BYTES)
    assert (response.outcome, response.problem) == ("ok", None)
    assert (response.status, response.body) == (
        expected.get("status", 200),
        expected.get("body", b""),
    )
    if "headers" in expected:
        assert response.headers == expected["headers"]
    adds_up(response)
    following = await talk(server)
    assert (following.outcome, following.body) == ("ok", b"fine")
    assert server.connections == (1 if expected.get("keeps", True) else 2)
    assert len(server.requests) == 2  # and nothing was sent twice
    await no_socket_left(talk, server, before)


@pytest.mark.parametrize("how", ["TLS", "cleartext, in pieces"])
@pytest.mark.parametrize(("_name", "acts", "outcome", "says", "keeps"), BROKEN, ids=ids(BROKEN))
async def test_what_is_broken_is_a_failure_that_says_so(
    serve_http2, talking, no_socket_left, adds_up, how, _name, acts, outcome, says, keeps
):
    tls = how == "TLS"
    server = await serve_http2(playing(acts), tls=tls, in_pieces=not tls)
    before = psutil.Process().num_fds()
    talk = talking()
    patience = {"timeout_s": SOON_S} if outcome == "timeout" else {}
    response = await talk(server, max_bytes=MAX_BYTES, **patience)
    assert (response.outcome, response.body) == (outcome, b"")
    assert says in response.problem
    adds_up(response)
    following = await talk(server)
    assert (following.outcome, following.body) == ("ok", b"fine")
    if keeps is not None:
        assert server.connections == (1 if keeps else 2)
    assert len(server.requests) == 2  # and nothing was sent twice
    await no_socket_left(talk, server, before)


async def test_a_response_to_head_has_headers_alone(serve_http2, talking):
    async def play(peer):
        asked = await peer.request()
        peer.state.send_headers(asked.stream, [*OK, (b"content-length", b"5")], end_stream=True)
        await peer.flush()
        await playing([])(peer)

    server = await serve_http2(play)
    talk = talking()
    response = await talk(server, method="HEAD")
    assert (response.outcome, response.status, response.body) == ("ok", 200, b"")
    assert response.headers == {"content-length": "5"}


async def test_a_body_in_answer_to_head_is_a_failure(serve_http2, talking):
    server = await serve_http2(playing([answer()]))
    assert (await talking()(server, method="HEAD")).outcome == "protocol"


async def test_a_discarded_body_is_counted_and_limited_but_not_kept(serve_http2, talking):
    server = await serve_http2(playing([answer(b"what", (b"content-encoding", b"gzip"))]))
    talk = talking()
    response = await talk(server, keep_body=False)
    assert (response.outcome, response.body) == ("ok", b"")
    assert response.received_bytes > 4
    assert (await talk(server, keep_body=False, max_bytes=3)).outcome == "too_large"


async def test_bytes_of_all_responses_are_those_on_the_socket(serve_http2, talking):
    async def play(peer):
        while (asked := await peer.request()) is not None:
            await peer.answer(asked.stream, LARGE)

    server = await serve_http2(
        play, settings={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 70_000}
    )
    talk = talking()
    responses = [await talk(server, method="POST", body=b"b" * 200_000) for _ in range(3)]
    assert {response.outcome for response in responses} == {"ok"}
    talk.client.close()
    await server.all_ended()
    received = sum(response.received_bytes for response in responses)
    sent = sum(response.sent_bytes for response in responses)
    # acknowledgements that came after the last response was complete belong to none
    assert 0 <= server.sent_bytes - received < 500
    assert 0 <= server.received_bytes - sent < 500
