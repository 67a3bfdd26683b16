"""Whatever senders send over real sockets, in whatever pieces: a receiver answers and goes on."""

from __future__ import annotations

import asyncio
import re
import socket
import struct

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.noise import LOOPS
from tests.helpers.signed import standard_headers
from tests.helpers.waiting import GENEROUS_S, until
from tests.helpers.webhooks import Heard, channel_of, delivery, ear_of, signed_by

MAX_BODY = 10_000
BODY = b'{"id": "s-1"}'
#: signed once: the receiver's clock stands still
NOW_S = 1_800_000_000
GOOD = delivery(BODY, standard_headers(BODY, "good", at_s=NOW_S))
FRAGMENTS = st.sampled_from([
    b"POST /hooks HTTP/1.1\r\n", b"POST /hooks HTTP/1.0\r\n", b"GET /hooks HTTP/1.1\r\n",
    b"HEAD /hooks HTTP/1.1\r\n", b"CONNECT a:1 HTTP/1.1\r\n", b"POST /other HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"POST /hooks\r\n\r\n", b"Content-Length: 3\r\n",
    b"Content-Length: 13\r\n", b"Content-Length: 99999\r\n", b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"Connection: close\r\n",
    b"Connection: keep-alive, Upgrade\r\n", b"Upgrade: h2c\r\n", b"Expect: 100-continue\r\n",
    b"Expect: ponies\r\n", b"webhook-id: \xff\xfe\r\n", b"webhook-timestamp: 1\r\n",
    b"webhook-signature: v1,AAAA v1a,\xe9 ,,\r\n", b"3\r\nabc\r\n", b"0\r\n\r\n", b"d\r\n",
    b"0\r\nX-Trailer: 1\r\n\r\n", b"ffffffffffffffffff\r\n", b"5;" + b"e" * 200_000,
    b"X: " + b"v" * 200_000 + b"\r\n", b"\r\n", b"\n", b":", b"abc", BODY, b"\x00", b"\x16\x03\x01",
    bytes(11_000), GOOD,
])  # fmt: skip
NOISE = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(FRAGMENTS, st.binary(max_size=5)), max_size=8).map(b"".join),
    st.lists(FRAGMENTS, max_size=6).map(lambda rest: b"POST /hooks HTTP/1.1\r\n" + b"".join(rest)),
)
#: where a stream is cut, each as a share of what is left of it
CUTS = st.lists(st.floats(0, 1), max_size=6)
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n(?:[^\r]+\r\n)*?\r\n", re.DOTALL)


class Listening:
    """A receiver, and what goes wrong in its event loop."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self.failures: list[dict] = []
        self.hearing = Heard()
        runner.run(self._start())

    async def _start(self) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: self.failures.append(what))
        channel = channel_of(signature=signed_by("standard-webhooks"), max_body=MAX_BODY)
        self.ear = ear_of(channel, self.hearing, unix_s=lambda: NOW_S)
        self.port = int((await self.ear.listen()).split(":")[2].split("/")[0])

    async def send(self, pieces: list[bytes]) -> bytes:
        """Send pieces, hang up that end, and read all that comes."""
        async with asyncio.timeout(GENEROUS_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                for piece in pieces:
                    writer.write(piece)
                    await asyncio.sleep(0)
                if writer.can_write_eof():
                    writer.write_eof()
                return await reader.read()
            finally:
                writer.close()

    async def cut_off(self, pieces: list[bytes]) -> None:
        """Send pieces, and reset the connection without reading anything."""
        _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0)
        writer.transport.abort()

    async def close(self) -> None:
        await self.ear.close()


@pytest.fixture(scope="module", params=LOOPS)
def listening(request):
    with asyncio.Runner(loop_factory=request.param) as runner:
        receiver = Listening(runner)
        yield receiver
        runner.run(receiver.close())


@st.composite
def cut(draw) -> list[bytes]:
    """A stream in pieces."""
    rest, pieces = draw(NOISE), []
    for share in draw(CUTS):
        at = round(share * len(rest))
        pieces.append(rest[:at])
        rest = rest[at:]
    return [*pieces, rest]


@settings(deadline=None, max_examples=300)
@given(cut())
@example([b"POST /hooks HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"\x00"])
@example([b"POST /hooks HTTP/1.1\r\nUpgrade: h2c\r\nExpect: 100-continue\r\nContent-Length: 3\r\n"])
@example([GOOD[:-1], GOOD[-1:] + GOOD, b"GET"])
def test_any_stream_is_answered_with_http_or_nothing_and_the_next_delivery_is_served(
    listening, pieces
):
    hearing = listening.hearing
    heard, rejected = len(hearing.messages), hearing.counted("webhook_rejected")
    answers = listening.runner.run(listening.send(pieces))
    assert listening.failures == []
    statuses = [int(status) for status in ANSWER.findall(answers)]
    assert bool(statuses) is bool(answers)
    assert set(statuses) <= {100, 200, 400, 401, 404, 405, 413, 431}
    refused = sum(status >= 400 for status in statuses)
    cut_off = hearing.counted("webhook_rejected") - rejected - refused
    assert cut_off in {0, 1}  # the last request of a stream
    assert len(hearing.messages) - heard <= statuses.count(200)
    served = listening.runner.run(listening.send([GOOD]))
    assert served.startswith(b"HTTP/1.1 200 ")
    assert set(hearing.keys) == {"s-1"}
    assert len(hearing.messages) == 1  # it is the same one, always
    assert listening.failures == []


@settings(deadline=None, max_examples=200)
@given(cut())
def test_a_sender_that_resets_its_connection_anywhere_does_no_harm(listening, pieces):
    listening.runner.run(listening.cut_off(pieces))
    assert listening.runner.run(listening.send([GOOD])).startswith(b"HTTP/1.1 200 ")
    listening.runner.run(until(lambda: not listening.ear._service.connections))
    assert listening.failures == []
