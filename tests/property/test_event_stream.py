"""Event streams, however they are cut: as a reader of the standard, letter by letter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wedload.channels.realtime.event_stream import EventStream, Fields, fields_of

PIECES = st.sampled_from(
    [b"data", b"event", b"id", b"retry", b":", b" ", b"a", b"7", b"\n", b"\n", b"\r", b"\r\n",
     b"\xef\xbb\xbf", b"\xef", b"\0", b"\xc3\xa9", b"data: x\n\n", b"id: 3\r\r"],
)  # fmt: skip
STREAMS = st.lists(PIECES, max_size=40).map(b"".join)


def lines(stream: bytes) -> list[bytes]:
    """Whole lines, by section 9.2.5: one byte after the other."""
    stream = stream.removeprefix(b"\xef\xbb\xbf")
    found, line, at = [], b"", 0
    while at < len(stream):
        byte = stream[at : at + 1]
        if byte in {b"\r", b"\n"}:
            if byte == b"\r" and stream[at + 1 : at + 2] == b"\n":
                at += 1
            found.append(line)
            line = b""
        else:
            line += byte
        at += 1
    return found


def by_the_standard(stream: bytes) -> list[tuple[bytes, str, str]]:
    """What is dispatched, with the last id: by section 9.2.6."""
    found, data, name, last_id = [], b"", "", ""
    for line in lines(stream):
        if not line:
            if data:
                found.append((data[:-1], name or "message", last_id))
            data, name = b"", ""
            continue
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data += value + b"\n"
        elif field == b"event":
            name = value.decode("utf-8", "replace")
        elif field == b"id" and b"\0" not in value:
            last_id = value.decode("utf-8", "replace")
    return found


def dispatched(pieces: list[bytes]) -> list[tuple[bytes, str, str]]:
    stream, found, last_id = EventStream(), [], ""
    for piece in pieces:
        for event in stream.feed(piece):
            fields: Fields = fields_of(event)
            last_id = last_id if fields.id is None else fields.id
            if fields.data is not None:
                found.append((fields.data, fields.event, last_id))
    return found


@given(STREAMS)
def test_a_stream_is_read_as_the_standard_says(stream):
    assert dispatched([stream]) == by_the_standard(stream)


@given(STREAMS)
def test_where_it_is_cut_makes_no_difference(stream):
    expected = dispatched([stream])
    for at in range(len(stream) + 1):
        assert dispatched([stream[:at], stream[at:]]) == expected
    assert dispatched([stream[at : at + 1] for at in range(len(stream))]) == expected
