"""Bad input: each kind is counted, none is a delivery, and good ones are served all the while."""

from __future__ import annotations

import asyncio
import socket
import tracemalloc
from dataclasses import replace

import pytest

from tests.helpers.signed import OTHER_SECRET, standard_headers
from tests.helpers.waiting import SOON_S, until
from tests.helpers.webhooks import delivery, signed_by
from wedload.channels.webhook.limits import HEAD_BYTES, Limits
from wedload.units import NS_PER_MS, NS_PER_S

BODY = b'{"id": "s-1"}'
POST = b"POST /hooks HTTP/1.1\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
#: of receivers that are to lose their patience soon
IMPATIENT = Limits(whole_ns=round(SOON_S * NS_PER_S), sweep_ns=10 * NS_PER_MS)
#: of those that let every refusal be heard, however busy the machine is
PATIENT = Limits(linger_ns=60 * NS_PER_S)
MB = 1_000_000


async def refused(receiver, data: bytes, status: int, reason: str) -> None:
    """What is sent is refused so, and the connection ends; the next delivery is served."""
    before = receiver.hearing.rejections.get(reason, 0)
    sender = await receiver.sender()
    sender.writer.write(data)
    found, headers, text = await sender.answer()
    assert (found, text.decode().split(":")[0]) == (status, reason)
    assert headers["connection"] == "close"
    assert await sender.rest() == b""
    assert receiver.hearing.rejections[reason] == before + 1
    heard = len(receiver.hearing.messages)
    other = await receiver.sender()
    assert (await other.post(BODY, {"webhook-id": f"after {heard}"}))[0] == 200
    assert len(receiver.hearing.messages) == heard + 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200),
        b"hello\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /hooks\r\n\r\n",
        b"POST /hooks HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST /hooks HTTP/1.1\r\nContent-Length: five\r\n\r\n",
        b"POST /hooks HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /hooks HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /hooks HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"\x00" * 1000,
        CHUNKED + b"five\r\n",
        CHUNKED + b"ffffffffffffffffffff\r\n",
        CHUNKED + b"1\r\nab\r\n",
    ],
)
async def test_garbage_is_refused(listen, garbage):
    await refused(await listen(), garbage, 400, "garbage")


async def test_garbage_after_a_delivery_does_not_undo_it(listen):
    receiver = await listen()
    sender = await receiver.sender()
    sender.writer.write(delivery(BODY) + b"\x00\x01")
    assert [(await sender.answer())[0] for _ in range(2)] == [200, 400]
    assert await sender.rest() == b""
    assert receiver.hearing.keys == ["s-1"]


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(listen):
    receiver = await listen(limits=PATIENT)
    head = POST + b"Content-Length: 10000000\r\n\r\n"
    await refused(receiver, head, 413, "too-large")
    await refused(receiver, head + bytes(10 * MB), 413, "too-large")
    assert receiver.hearing.counted("webhook_attempts") == 4


async def test_a_chunked_body_is_refused_once_it_is_too_large_and_is_not_kept(listen):
    receiver = await listen(limits=PATIENT)
    data = CHUNKED + b"989680\r\n" + bytes(10 * MB) + b"\r\n0\r\n\r\n"
    await refused(receiver, data, 413, "too-large")


async def test_what_is_refused_is_not_in_memory(listen):
    receiver = await listen(max_body=100_000, limits=PATIENT)
    sender = await receiver.sender()
    sender.writer.write(CHUNKED + b"989680\r\n")
    piece = bytes(50_000)
    tracemalloc.start()
    try:
        for _ in range(100):
            sender.writer.write(piece)
            await sender.writer.drain()
        assert (await sender.answer())[0] == 413
        await until(lambda: sender.writer.transport.get_write_buffer_size() == 0)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < MB
    assert most < 4 * MB  # buffers of both ends


@pytest.mark.parametrize(("size", "status"), [(100_000, 200), (100_001, 413)])
@pytest.mark.parametrize("chunked", [False, True])
async def test_the_largest_body_is_the_channels_max_body(listen, size, status, chunked):
    receiver = await listen(max_body=100_000, key="len(body)")
    sender = await receiver.sender()
    data = delivery(bytes(size))
    if chunked:
        data = CHUNKED + b"%x\r\n" % size + bytes(size) + b"\r\n0\r\n\r\n"
    sender.writer.write(data)
    assert (await sender.answer())[0] == status
    assert receiver.hearing.keys == ([str(size)] if status == 200 else [])


@pytest.mark.parametrize(
    "data",
    [
        POST + b"X: " + b"v" * HEAD_BYTES + b"\r\n\r\n",
        POST + b"X: 1\r\n" * (HEAD_BYTES // 5) + b"\r\n",
        b"POST /" + b"p" * HEAD_BYTES + b" HTTP/1.1\r\n\r\n",
        POST + b"X: " + b"v" * 1_000_000,
        POST + b"X" * 1_000_000,
        b"POST /" + b"p" * 1_000_000,
        CHUNKED + b"5;" + b"e" * 1_000_000,
        CHUNKED + b"0\r\nX: " + b"v" * 1_000_000,
        CHUNKED + b"0\r\n" + b"X: v\r\n" * 200_000,
    ],
)
async def test_a_head_without_end_is_refused(listen, data):
    await refused(await listen(limits=PATIENT), data, 431, "long-head")


async def test_a_length_with_thousands_of_zeros_before_it_is_that_length(listen):
    """Python refuses to read a number of so many digits."""
    receiver = await listen()
    sender = await receiver.sender()
    length = b"0" * 5_000 + b"%d" % len(BODY)
    sender.writer.write(POST + b"Content-Length: " + length + b"\r\n\r\n" + BODY)
    assert (await sender.answer())[0] == 200
    assert receiver.hearing.keys == ["s-1"]


async def test_a_large_head_is_read_whether_it_comes_at_once_or_behind_others(listen):
    receiver = await listen()
    sender = await receiver.sender()
    large = {"x-large": "v" * (HEAD_BYTES - 1_000)}
    sender.writer.write(delivery(BODY) + delivery(BODY, large) + delivery(BODY, large) * 3)
    assert [(await sender.answer())[0] for _ in range(5)] == [200] * 5


async def test_a_request_that_does_not_become_whole_is_refused_in_time(listen):
    receiver = await listen(limits=IMPATIENT, signature=signed_by("standard-webhooks"))
    whole = delivery(BODY, standard_headers(BODY))
    stuck = [await receiver.sender() for _ in range(4)]
    dripping = asyncio.create_task(drip(stuck[0], whole))
    stuck[1].writer.write(b"P")
    stuck[2].writer.write(whole[:-1])
    stuck[3].writer.write(delivery(BODY, standard_headers(BODY, "whole")) + whole[:30])
    good = await receiver.sender()
    number = 0
    while receiver.hearing.rejections.get("slow", 0) < 4:
        body = b'{"id": "good %d"}' % number
        assert (await good.post(body, standard_headers(body, f"good {number}")))[0] == 200
        number += 1
    dripping.cancel()
    assert (await stuck[3].answer())[0] == 200
    for sender in stuck:
        assert (await sender.answer())[0] == 408
        assert await sender.rest() == b""
    assert receiver.hearing.keys.count("s-1") == 1
    assert len(receiver.hearing.messages) == number + 1


async def drip(sender, data: bytes) -> None:
    """Send a byte now and then, and never the last."""
    for byte in data[:-1]:
        sender.writer.write(bytes([byte]))
        await asyncio.sleep(0.002)
    await asyncio.Event().wait()


async def flood(sender, data: bytes) -> None:
    """Send for ever."""
    while True:
        sender.writer.write(data)
        await sender.writer.drain()


async def test_an_idle_connection_is_kept(listen):
    receiver = await listen(limits=IMPATIENT)
    fresh, used = await receiver.sender(), await receiver.sender()
    assert (await used.post(BODY))[0] == 200
    stuck = await receiver.sender()
    stuck.writer.write(b"P")
    assert (await stuck.answer())[0] == 408  # by now the others have been idle for as long
    assert (await fresh.post(BODY))[0] == 200
    assert (await used.post(BODY))[0] == 200


async def test_there_are_only_so_many_connections(listen):
    receiver = await listen(limits=Limits(connections=3))
    senders = [await receiver.sender() for _ in range(3)]
    for sender in senders:
        assert (await sender.post(BODY))[0] == 200
    more = await receiver.sender()
    assert (await more.answer())[0] == 503
    assert await more.rest() == b""
    assert receiver.hearing.rejections == {"crowded": 1}
    await senders[0].close()
    await until(lambda: len(receiver.ear._service.connections) == 2)
    again = await receiver.sender()
    assert (await again.post(BODY))[0] == 200
    assert (await senders[1].post(BODY))[0] == 200


async def test_a_request_that_is_cut_off_is_counted(listen):
    receiver = await listen()
    for data in (b"P", delivery(BODY)[:-1], CHUNKED + b"5\r\nab"):
        sender = await receiver.sender()
        sender.writer.write(data)
        await sender.writer.drain()
        sender.writer.write_eof()
        assert await sender.rest() == b""
    assert receiver.hearing.rejections == {"cut-off": 3}
    sender = await receiver.sender()
    await sender.close()
    await until(lambda: not receiver.ear._service.connections)
    assert receiver.hearing.rejections == {"cut-off": 3}


async def test_a_sender_that_does_not_read_its_answers_is_dropped(listen):
    receiver = await listen(limits=replace(IMPATIENT, linger_ns=NS_PER_MS))
    deaf = await receiver.sender()
    deaf.reader._transport.pause_reading()
    with pytest.raises(ConnectionError):
        await flood(deaf, delivery(path="/other") * 1_000)
    await until(lambda: not receiver.ear._service.connections)
    good = await receiver.sender()
    assert (await good.post(BODY))[0] == 200


async def test_a_sender_that_has_asked_for_much_at_once_and_reads_none_of_it_is_dropped(listen):
    """Its last request is whole: that it does not read is all that is overdue."""
    receiver = await listen(limits=IMPATIENT)
    deaf = await receiver.sender()
    await until(lambda: receiver.ear._service.connections)
    (connection,) = receiver.ear._service.connections
    connection._transport.set_write_buffer_limits(0)
    ends = (connection._transport, deaf.writer)
    for end, kind in zip(ends, (socket.SO_SNDBUF, socket.SO_RCVBUF), strict=True):
        end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, kind, 1)
    deaf.reader._transport.pause_reading()
    deaf.writer.write(delivery(path="/other") * 1_700)  # one read takes them all
    await until(lambda: not receiver.ear._service.connections)


async def test_a_sender_that_does_not_hear_of_its_refusal_is_dropped(listen):
    receiver = await listen(limits=Limits(linger_ns=10 * NS_PER_MS, sweep_ns=5 * NS_PER_MS))
    sender = await receiver.sender()
    sender.writer.write(b"garbage")
    await until(lambda: receiver.hearing.rejections == {"garbage": 1})
    await until(lambda: not receiver.ear._service.connections)


async def test_a_sender_that_goes_on_for_ever_after_its_refusal_is_dropped(listen):
    receiver = await listen(limits=Limits(linger_bytes=MB))
    sender = await receiver.sender()
    sender.writer.write(b"\x00")
    with pytest.raises(ConnectionError):
        await flood(sender, bytes(100_000))
    assert receiver.hearing.rejections == {"garbage": 1}


async def test_all_kinds_at_once_are_each_counted_and_none_is_delivered(listen):
    limits = Limits(whole_ns=NS_PER_S, linger_ns=60 * NS_PER_S, sweep_ns=50 * NS_PER_MS)
    receiver = await listen(signature=signed_by("standard-webhooks"), limits=limits)
    bad = {
        "garbage": b"\x00\x01\x02\r\n\r\n",
        "too-large": POST + b"Content-Length: 10000000\r\n\r\n" + bytes(10 * MB),
        "long-head": POST + b"X: " + b"v" * HEAD_BYTES + b"\r\n\r\n",
        "slow": delivery(BODY)[:-1],
        "wrong-path": delivery(BODY, standard_headers(BODY) | {"Connection": "close"}, "/other"),
        "wrong-method": b"GET /hooks HTTP/1.1\r\nConnection: close\r\n\r\n",
        "missing-header": delivery(BODY, {"Connection": "close"}),
        "bad-signature": delivery(
            BODY, standard_headers(BODY, "bad", secret=OTHER_SECRET) | {"Connection": "close"}
        ),
        "stale": delivery(BODY, standard_headers(BODY, at_s=1) | {"Connection": "close"}),
    }

    async def send_bad(reason: str) -> None:
        sender = await receiver.sender()
        sender.writer.write(bad[reason])
        _, _, text = await sender.answer()
        assert text.decode().startswith(reason)
        assert await sender.rest() == b""

    async def send_good(of: int) -> None:
        sender = await receiver.sender()
        for number in range(100):
            body = b'{"id": "%d-%d"}' % (of, number)
            headers = standard_headers(body, f"{of}-{number}")
            assert (await sender.post(body, headers))[0] == 200
            assert (await sender.post(body, headers))[0] == 200  # replayed

    await asyncio.gather(
        *(send_bad(reason) for reason in bad for _ in range(3)), *(send_good(of) for of in range(3))
    )
    hearing = receiver.hearing
    assert hearing.rejections == dict.fromkeys(bad, 3)
    assert hearing.counted("webhook_invalid_signature") == 9
    assert sorted(hearing.keys) == sorted(f"{of}-{n}" for of in range(3) for n in range(100))
    assert hearing.counted("webhook_duplicates") == 300
    assert hearing.arrivals == []
