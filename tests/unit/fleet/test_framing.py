"""Messages on a socket: whole, in order, whatever their size and however they are cut."""

from __future__ import annotations

import asyncio
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.fleet import framing
from wedload.fleet.messages import Abort, CleanupLeft, Failed, LoadDone, Quit, SetupDone


class Sink:
    """Takes what a writer would send."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data


MESSAGES = [
    Abort(), Quit(), CleanupLeft(3), LoadDone([("main", "no row left")], {"main": 0.5}),
    SetupDone({"form_id": "f-1", "deep": [{"x": None}]}, []), Failed("x" * 300_000, None),
]  # fmt: skip


def encoded(messages) -> bytes:
    sink = Sink()
    for message in messages:
        framing.write(sink, message)
    return sink.data


@given(st.lists(st.integers(1, 200_000), max_size=20))
def test_messages_arrive_whole_and_in_order_however_they_are_cut(cuts):
    data = encoded(MESSAGES)

    async def read() -> list[object]:
        reader = asyncio.StreamReader(limit=1024)
        at = 0
        for cut in cuts:
            reader.feed_data(data[at : at + cut])
            at += cut
        reader.feed_data(data[at:])
        reader.feed_eof()
        return [await framing.read(reader) for _ in MESSAGES]

    assert asyncio.run(read()) == MESSAGES


@given(st.integers(0, 200))
def test_end_of_the_stream_is_told_from_a_message_wherever_it_comes(at):
    data = encoded([SetupDone({"k": "v" * 300}, [])])

    async def read() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(data[:at])
        reader.feed_eof()
        with pytest.raises(asyncio.IncompleteReadError):
            await framing.read(reader)

    asyncio.run(read())


def test_frame_is_a_length_of_four_bytes_and_a_pickle():
    data = encoded([CleanupLeft(7)])

    assert int.from_bytes(data[:4], "big") == len(data) - 4
    assert pickle.loads(data[4:]) == CleanupLeft(7)
