"""Whatever frames a server sends over a real socket: requests of HTTP/2 end with an outcome."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.http2_frames import frame
from tests.helpers.noise import LOOPS, NoisyServer, check_sound
from wedload.clock import MonotonicClock
from wedload.protocols.http2.pool import Http2Pool

AT_ONCE = 3


HELLO = frame(4, 0, 0, b"")
PAYLOADS = st.one_of(
    st.sampled_from([
        b"\x88", b"\x89", b"\x88\x0f\x0d\x013", b"\x88\x0f\x0b\x04gzip", b"\x48\x03100", b"abc",
        bytes(11_000), bytes(4), bytes(8), b"\x7f\xff\xff\xff", b"\0\x03\0\0\0\0",
        b"\0\x04\0\0\0\0", b"\0\0\0\x03\0\0\0\x01why",
    ]),
    st.binary(max_size=20),
)  # fmt: skip
FRAMES = st.builds(
    frame, st.integers(0, 11), st.sampled_from([0, 1, 4, 5, 8, 13, 32, 255]),
    st.sampled_from([0, 1, 1, 3, 5, 2, 7, 2**31 - 1]), PAYLOADS,
)  # fmt: skip
NOISE = st.one_of(
    st.binary(max_size=200),
    st.lists(st.one_of(FRAMES, FRAMES, st.binary(max_size=5)), max_size=12).map(b"".join),
    st.lists(FRAMES, max_size=12).map(lambda frames: HELLO + b"".join(frames)),
)


@pytest.fixture(scope="module", params=LOOPS)
def noisy(request):
    with asyncio.Runner(loop_factory=request.param) as runner:
        server = NoisyServer(
            runner,
            make_pool=lambda: Http2Pool(MonotonicClock(), http="2"),
            hears=lambda reader: reader.readexactly(60),  # preface, settings, some of a request
        )
        yield server
        runner.run(server.stop())


@settings(deadline=None, max_examples=200)
@given(NOISE, st.sampled_from(["GET", "HEAD", "POST"]))
@example(HELLO + frame(1, 4, 1, b"\x88") + frame(0, 1, 1, b"abc"), "GET")
def test_whatever_comes_every_request_ends_with_an_outcome(noisy, noise, method):
    noisy.noise = noise
    responses = noisy.runner.run(noisy.ask(method, AT_ONCE))
    assert len(responses) == AT_ONCE
    for response in responses:
        check_sound(response)
        assert response.received_bytes >= 0
