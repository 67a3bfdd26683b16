"""Whatever clients send over real sockets, in whatever pieces: a third party goes on."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.faults import ByHand, flows_by
from tests.helpers.noise import LOOPS
from tests.helpers.played import EMAIL
from tests.helpers.waiting import GENEROUS_S, until
from wedload.alarm import Alarm
from wedload.plan.distribution import Distribution
from wedload.plan.third_parties import Dependency
from wedload.simulators.limits import Limits
from wedload.simulators.simulator import Simulator

if TYPE_CHECKING:
    from wedload.simulators.attempt import Attempt

BODY = json.dumps(EMAIL).encode()
HEAD = b"POST /emails HTTP/1.1\r\nAuthorization: Bearer t\r\n"
GOOD = HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
FRAGMENTS = st.sampled_from([
    HEAD, b"POST /emails HTTP/1.0\r\n", b"GET /emails/x HTTP/1.1\r\n", b"HEAD / HTTP/1.1\r\n",
    b"CONNECT a:1 HTTP/1.1\r\n", b"GET /metrics HTTP/1.1\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"POST /emails\r\n\r\n", b"Content-Length: 3\r\n", b"Content-Length: 99999\r\n",
    b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n",
    b"Connection: close\r\n", b"Connection: keep-alive, Upgrade\r\n", b"Upgrade: h2c\r\n",
    b"Expect: 100-continue\r\n", b"Expect: ponies\r\n", b"Idempotency-Key: \xff\xfe\r\n",
    b"3\r\nabc\r\n", b"0\r\n\r\n", b"0\r\nX-Trailer: 1\r\n\r\n", b"ffffffffffffffffff\r\n",
    b"5;" + b"e" * 200_000, b"X: " + b"v" * 200_000 + b"\r\n", b"\r\n", b"\n", b":", b"abc",
    b"\x00", b"\x16\x03\x01", bytes(11_000), GOOD,
])  # fmt: skip
NOISE = st.one_of(
    st.binary(max_size=200),
    st.lists(FRAGMENTS, max_size=8).map(b"".join),
    st.lists(FRAGMENTS, max_size=6).map(lambda rest: HEAD + b"".join(rest)),
)
CUTS = st.lists(st.floats(0, 1), max_size=6)
ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n(?:[^\r]+\r\n)*?\r\n", re.DOTALL)


class Playing:
    """A third party that takes its time, and what goes wrong in its event loop."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.runner = runner
        self.failures: list[dict] = []
        self.told: list[Attempt] = []
        runner.run(self._start())

    async def _start(self) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: self.failures.append(what))
        faults, self.alarm = ByHand(), Alarm(asyncio.get_running_loop())
        self.party = Simulator(
            "mail",
            Dependency(simulate="email", latency=Distribution.parse("uniform(0ms, 1ms)")),
            told=self.told.append,
            injections=faults,
            make_flows=flows_by(faults, self.alarm, "mail"),
            limits=Limits(body_bytes=10_000),
        )
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        await self.party.open(listener)

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

    async def serves(self) -> None:
        """It is as it was: somebody is served, and nobody is left over."""
        async with asyncio.timeout(GENEROUS_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(GOOD)
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200 ")
            writer.close()
        await until(lambda: not self.party._hub.connections)
        assert self.failures == []


@pytest.fixture(scope="module", params=LOOPS)
def playing(request):
    with asyncio.Runner(loop_factory=request.param) as runner:
        party = Playing(runner)
        yield party
        runner.run(party.party.close())
        party.alarm.close()


@st.composite
def cut(draw) -> list[bytes]:
    """A stream in pieces."""
    rest, pieces = draw(NOISE), []
    for share in draw(CUTS):
        at = round(share * len(rest))
        pieces.append(rest[:at])
        rest = rest[at:]
    return [*pieces, rest]


@settings(max_examples=100)
@given(cut())
@example([b"POST /emails HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"\x00"])
@example([GOOD[:-1], GOOD[-1:] + GOOD, b"GET"])
@example([GOOD * 40])
def test_any_stream_is_answered_with_http_or_nothing_and_each_attempt_told_once(playing, pieces):
    before = len(playing.told)
    answers = playing.runner.run(playing.send(pieces))
    statuses = [int(status) for status in ANSWER.findall(answers)]
    assert bool(statuses) is bool(answers)
    assert set(statuses) <= {100, 200, 400, 401, 404, 413, 422, 431}
    playing.runner.run(playing.serves())
    ends = [attempt.outcome for attempt in playing.told[before:-1]]
    assert set(ends) <= {"ok", "wrong", "gone"}
    assert b"".join(pieces).count(b" HTTP/1.") >= len(ends)


@settings(max_examples=60)
@given(cut())
def test_a_client_that_resets_its_connection_anywhere_does_no_harm(playing, pieces):
    playing.runner.run(playing.cut_off(pieces))
    playing.runner.run(playing.serves())
