"""Bytes that are made once are what the protocols' own readers read."""

from __future__ import annotations

import asyncio

import pytest
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from wedload.sandbox.realtime.frames import KEEP_ALIVE, chunk, event, text_frame


def parsed(data):
    """The frame, by another library's parser."""
    reader = StreamReader()
    reader.feed_data(data)
    parser = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as done:
        next(parser)
    assert not reader.buffer
    return done.value.value


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65535, 65536, 100_000])
def test_frame_holds_the_whole_text_at_every_size_of_its_length(length):
    text = ("é" * length).encode()[:length].decode(errors="ignore").encode()
    frame = parsed(text_frame(text))
    assert (frame.fin, frame.opcode, bytes(frame.data)) == (True, Opcode.TEXT, text)


def test_event_has_its_number_its_kind_and_its_data():
    assert event(7, "journey.started", b'{"a":1}') == (
        b'id: 7\nevent: journey.started\ndata: {"a":1}\n\n'
    )


async def test_chunk_is_read_back_as_its_content():
    reader = asyncio.StreamReader()
    reader.feed_data(chunk(b"x" * 300) + chunk(KEEP_ALIVE))
    for content in (b"x" * 300, KEEP_ALIVE):
        assert int(await reader.readline(), 16) == len(content)
        assert await reader.readexactly(len(content)) == content
        assert await reader.readline() == b"\r\n"
