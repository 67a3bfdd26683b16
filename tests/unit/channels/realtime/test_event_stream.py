"""Event streams, to the letter of the standard."""

from __future__ import annotations

import pytest

from wedload.channels.realtime import event_stream
from wedload.channels.realtime.event_stream import EventStream, Fields, fields_of


def events(*pieces: bytes) -> list[Fields]:
    stream = EventStream()
    return [fields_of(event) for piece in pieces for event in stream.feed(piece)]


def event(data: bytes | None, name: str = "message", found_id: str | None = None) -> Fields:
    return Fields(name, data, found_id, None)


@pytest.mark.parametrize(
    ("stream", "found"),
    [
        # the examples of the standard
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [event(b"YHOO\n+2\n10")]),
        (
            (
                b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
                b"data:  third event\n\n"
            ),
            [
                event(None),
                event(b"first event", found_id="1"),
                event(b"second event", found_id=""),
                event(b" third event"),
            ],
        ),
        (b"data\n\ndata\ndata\n\ndata:\n", [event(b""), event(b"\n")]),
        (b"data:test\n\ndata: test\n\n", [event(b"test"), event(b"test")]),
        # ends of lines
        (b"data: a\r\n\r\ndata: b\r\rdata: c\n\n", [event(b"a"), event(b"b"), event(b"c")]),
        (b"data: a\r\n\n", [event(b"a")]),
        (b"\n\n\r\rdata: a\n\n\n\n", [event(b"a")]),
        # the mark at the beginning, once
        (b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", [event(b"a"), event(None)]),
        # fields
        (b"event: price\ndata: 1\n\n", [event(b"1", "price")]),
        (b"event:\ndata: 1\n\n", [event(b"1")]),
        (b"id: a\0b\ndata: 1\n\n", [event(b"1")]),
        (b"Data: 1\nevents: 2\n\n", [event(None)]),
        (b"data: a:b: c\n\n", [event(b"a:b: c")]),
        (b"retry: 250\n\n", [Fields("message", None, None, 250)]),
        (b"retry: 2.5\nretry:\nretry: -1\n\n", [event(None)]),
        (b"id: \xff\ndata: \xff\n\n", [event(b"\xff", found_id="\ufffd")]),
        # what is not ended is no event
        (b"data: a", []),
        (b"data: a\n", []),
    ],
)
def test_a_stream_is_read_as_the_standard_says(stream, found):
    assert events(stream) == found
    assert events(*(stream[at : at + 1] for at in range(len(stream)))) == found


def test_the_lines_of_an_event_that_is_not_ended_are_told():
    stream = EventStream()
    stream.feed(b"data: a\n\nretry: 3\ndata: b")
    assert stream.rest == b"retry: 3\ndata: b"


def test_an_event_without_end_is_found_out(monkeypatch):
    monkeypatch.setattr(event_stream, "MOST_EVENT_BYTES", 10)
    stream = EventStream()
    stream.feed(b"data: 1\n\ndata: 2\n\n")
    assert not stream.overlong
    stream.feed(b"data: 34567")
    assert stream.overlong
