"""What comes over a WebSocket, and what goes: whole messages, stamped as they are read."""

from __future__ import annotations

import asyncio

import pytest

from tests.helpers.waiting import until
from tests.helpers.websocket_frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    accepted,
    close_frame,
    frame,
    read_frame,
)
from tests.integration.protocols.websocket.conftest import CLOCK
from wedload.protocols.websocket.opening import WebSocketError


async def test_messages_are_stamped_in_order_between_sending_and_hearing(serve, upgraded, connect):
    async def play(peer):
        for number in range(50):
            await read_frame(peer.reader)
            await peer.send(frame(str(number).encode(), BINARY if number % 2 else TEXT))

    heard = await connect(await serve(upgraded(play)))
    for number in range(50):
        before_ns = CLOCK.now_ns()
        heard.connection.send(b"next")
        await heard.heard(number + 1)
        assert before_ns < heard.stamps[number] < CLOCK.now_ns()
    assert heard.messages == [(str(number).encode(), number % 2 == 0) for number in range(50)]


async def test_a_message_in_pieces_is_put_together_and_pings_between_them_are_answered(
    serve, upgraded, connect
):
    answers = []

    async def play(peer):
        await peer.send(frame(b"one ", TEXT, fin=False) + frame(b"are you there", PING))
        answers.append(await read_frame(peer.reader))
        await peer.send(frame(b"two ", CONTINUATION, fin=False))
        heard_at.append(CLOCK.now_ns())
        await peer.send_in_pieces(frame(b"three", CONTINUATION) + frame(b"more", BINARY))
        await peer.gone()

    heard_at: list[int] = []
    heard = await connect(await serve(upgraded(play)))
    await heard.heard(2)
    assert heard.messages == [(b"one two three", True), (b"more", False)]
    assert heard.stamps[0] > heard_at[0]  # by its last frame
    assert [answer[:2] for answer in answers] == [(PONG, b"are you there")]


async def test_what_is_sent_arrives_masked_with_any_length_and_is_counted(serve, upgraded, connect):
    sizes, got = [0, 125, 126, 65_535, 65_536, 200_000], []
    wire = []

    async def play(peer):
        for _ in sizes:
            opcode, payload, size = await read_frame(peer.reader)
            got.append((opcode, payload))
            wire.append(size)
        await peer.gone()

    server = await serve(upgraded(play))
    heard = await connect(server)
    handshake = heard.connection.sent_bytes
    assert handshake == len(server.requests[0])
    messages = [bytes([size % 251]) * size for size in sizes]
    written = [heard.connection.send(message, text=bool(message)) for message in messages]
    await until(lambda: len(got) == len(sizes))
    assert got == [(TEXT if message else BINARY, message) for message in messages]
    assert written == wire
    assert heard.connection.sent_bytes == handshake + sum(wire)


async def test_all_that_comes_is_counted(serve, upgraded, connect):
    async def play(peer):
        await peer.send(frame(b"x" * 70_000) + frame(b"", PING) + frame(b"y" * 300, BINARY))
        await peer.send(frame(b"", PONG) + frame(b"last"))
        await peer.gone()

    server = await serve(upgraded(play))
    heard = await connect(server)
    await heard.heard(3)
    assert heard.connection.received_bytes == server.sent_bytes


async def test_messages_that_come_with_the_handshake_are_heard(serve, upgraded, connect):
    async def at_once(peer):
        request = await peer.request()
        await peer.send(accepted(request) + frame(b"hello") + close_frame(4000, b"bye"))
        await peer.gone()

    heard = await connect(await serve(at_once))
    assert await heard.end() == (4000, "bye")
    assert heard.texts == [b"hello"]
    assert not heard.connection.usable
    with pytest.raises(WebSocketError, match="has ended") as raised:
        heard.connection.send(b"too late")
    assert raised.value.outcome == "reset"


@pytest.mark.parametrize(
    ("sent", "told", "answer"),
    [
        (close_frame(1001, "går".encode()), (1001, "går"), 1001),
        (close_frame(3456), (3456, ""), 3456),
        (frame(b"", CLOSE), (1005, ""), 1000),
    ],
    ids=["with a reason", "of an application", "without a code"],
)
async def test_a_close_frame_is_answered_and_the_server_is_left_to_close(
    serve, upgraded, connect, sent, told, answer
):
    got = []

    async def play(peer):
        await peer.send(sent + frame(b"after it nothing counts"))
        got.append(await read_frame(peer.reader))

    server = await serve(upgraded(play))
    heard = await connect(server)
    assert await heard.end() == told
    await server.all_ended()
    assert [(opcode, int.from_bytes(payload)) for opcode, payload, _ in got] == [(CLOSE, answer)]
    assert heard.messages == []
    assert len(heard.ends) == 1
    assert heard.connection.broken is None


async def test_a_server_that_does_not_close_is_cut_off(serve, upgraded, connect):
    async def play(peer):
        await peer.send(close_frame(1000))
        await peer.gone()

    server = await serve(upgraded(play))
    await connect(server)
    await server.all_ended()


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
async def test_a_connection_that_just_ends_is_told_without_a_code(serve, upgraded, connect, reset):
    async def play(peer):
        await peer.send(frame(b"last words"))
        await read_frame(peer.reader)
        if reset:
            peer.reset()

    heard = await connect(await serve(upgraded(play)))
    await heard.heard(1)
    heard.connection.send(b"go")
    assert await heard.end() == (None, "the connection ended without a close frame")
    assert heard.ended_ns > heard.stamps[0]


@pytest.mark.parametrize(
    ("sent", "code", "outcome", "reason"),
    [
        (frame(b"x" * 1_001), 1009, "too_large", "longer than 1,000 bytes"),
        (frame(b"", length=2**62), 1009, "too_large", "longer than 1,000 bytes"),
        (
            frame(b"x" * 600, fin=False) + frame(b"x" * 401, CONTINUATION),
            1009, "too_large", "longer than 1,000 bytes",
        ),
        (frame(b"squeezed", rsv=4), 1002, "protocol", "unknown extension"),
        (frame(b"x", CONTINUATION), 1002, "protocol", "had not begun"),
        (frame(b"x", fin=False) + frame(b"y"), 1002, "protocol", "before the last one had ended"),
        (frame(b"x", opcode=5), 1002, "protocol", "opcode"),
        (b"\x81\x81abcdx", 1002, "protocol", "masked"),
        (frame(b"x", PING, fin=False), 1002, "protocol", "fragmented control"),
        (frame(b"\x00\x05", CLOSE), 1002, "protocol", "close code"),
        (frame(b"\x03", CLOSE), 1002, "protocol", "close code"),
        (close_frame(1000, b"\xff"), 1007, "protocol", "UTF-8"),
    ],
    ids=[
        "too long", "endless", "too long in pieces", "extension", "continued", "interrupted",
        "opcode", "masked", "ping in pieces", "close code", "half a code", "reason",
    ],
)  # fmt: skip
async def test_what_breaks_the_protocol_ends_the_connection_with_the_code_for_it(
    serve, upgraded, connect, sent, code, outcome, reason
):
    got = []

    async def play(peer):
        await peer.send(frame(b"fine"))
        await read_frame(peer.reader)
        await peer.send(sent)
        got.append(await read_frame(peer.reader))
        await peer.send(close_frame(code) + frame(b"and more"))
        await peer.gone()

    server = await serve(upgraded(play))
    heard = await connect(server, max_message_bytes=1_000)
    await heard.heard(1)
    heard.connection.send(b"go on")
    told, words = await heard.end()
    assert (told, heard.connection.broken) == (code, outcome)
    assert reason in words
    await server.all_ended()
    assert [(opcode, int.from_bytes(payload[:2])) for opcode, payload, _ in got] == [(CLOSE, code)]
    assert heard.texts == [b"fine"]


async def test_closing_shakes_hands_and_is_no_end_that_is_told(serve, upgraded, connect):
    got = []

    async def play(peer):
        got.append(await read_frame(peer.reader))
        await peer.send(frame(b"not heard any more") + close_frame(1000))

    server = await serve(upgraded(play))
    heard = await connect(server)
    await heard.connection.close(4321)
    assert [(opcode, payload) for opcode, payload, _ in got] == [(CLOSE, (4321).to_bytes(2))]
    assert (heard.messages, heard.ends) == ([], [])
    assert not heard.connection.usable
    await heard.connection.close()  # again is no harm


async def test_a_server_that_does_not_answer_a_close_is_left(serve, upgraded, connect):
    async def play(peer):
        await peer.gone()

    server = await serve(upgraded(play))
    heard = await connect(server)
    await heard.connection.close()
    await server.all_ended()
    assert heard.ends == []


async def test_a_server_that_does_not_read_can_be_waited_for(serve, upgraded, connect):
    read = asyncio.Event()

    async def play(peer):
        await read.wait()
        await peer.gone()

    heard = await connect(await serve(upgraded(play), receive_buffer=4_096))
    await heard.connection.drained()  # nothing waits
    heard.connection.send(bytes(20_000_000), text=False)
    drained = asyncio.create_task(heard.connection.drained())
    await asyncio.sleep(0.05)
    assert not drained.done()
    read.set()
    await drained


async def test_whoever_waits_for_a_server_to_read_sees_the_connection_end(serve, upgraded, connect):
    gone = asyncio.Event()

    async def play(peer):
        await gone.wait()
        peer.reset()

    heard = await connect(await serve(upgraded(play), receive_buffer=4_096))
    heard.connection.send(bytes(20_000_000), text=False)
    drained = asyncio.create_task(heard.connection.drained())
    await asyncio.sleep(0.02)
    gone.set()
    await drained
    assert heard.connection.ended


async def test_a_mistake_of_who_listens_is_no_secret(serve, upgraded, connect):
    async def play(peer):
        await peer.send(frame(b"one") + frame(b"two"))
        await peer.gone()

    def wrong(_data, _is_text, _at_ns):
        raise LookupError("a mistake")

    told = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context["exception"]))
    server = await serve(upgraded(play))
    await connect(server, on_message=wrong)
    await until(lambda: len(told) == 2)
    assert {str(mistake) for mistake in told} == {"a mistake"}
