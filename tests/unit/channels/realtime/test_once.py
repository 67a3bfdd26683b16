"""What all subscribers get is read once."""

from __future__ import annotations

import json

import pytest

from tests.helpers.realtime import realtime_channel
from wedload.channels.keys import Keys
from wedload.channels.port import Place
from wedload.channels.realtime import once
from wedload.channels.realtime.content import content_of, plain_message
from wedload.channels.realtime.frames import decoder
from wedload.channels.realtime.once import Known, Said, event_reader, frame_reader, message_reader


def frames(**said: object) -> Known:
    channel = realtime_channel("supabase", "json.record.id", **said)
    content = content_of(supabase=True, presence=False)
    return Known(frame_reader(decoder("1.0.0"), content, Keys(channel, {}).of))


def change(number: object, ids: tuple[int, ...] = (1,), join_ref: str | None = None) -> bytes:
    payload = {"ids": ids, "data": {"type": "INSERT", "record": {"id": number, "n": 7}}}
    frame = {"topic": "realtime:a:b", "event": "postgres_changes", "payload": payload}
    return json.dumps({**frame, "ref": None, "join_ref": join_ref}).encode()


def test_the_same_bytes_are_read_once():
    read = []

    def reader(data: bytes, at_ns: int) -> Said:
        read.append((data, at_ns))
        return Said()

    known = Known(reader)
    first = known.of(b"x", 1)
    assert known.of(bytes(bytearray(b"x")), 2) is first
    assert read == [(b"x", 1)]


def test_other_refs_or_ids_are_other_bytes_and_each_is_right():
    known = frames()
    for copy in (change(3), change(3, ids=(2,)), change(3, join_ref="8")):
        assert known.of(copy, 0).key == "3"
    assert known.of(change(3, join_ref="8"), 0).join_ref == "8"
    assert known.of(change(3), 0).join_ref is None


def test_key_place_and_topic_are_kept():
    said = frames(sequence="json.record.n", entity="headers.event").of(change("a"), 5)
    assert (said.key, said.place, said.topic) == ("a", Place("INSERT", 7.0), "realtime:a:b")
    assert said.message.at_ns == 5


def test_a_message_without_a_key_is_one_all_the_same():
    said = frames().of(change(None), 0)
    assert said.key is None
    assert said.message is not None


def test_what_is_about_the_subscription_is_kept_as_a_frame():
    said = frames().of(b'{"topic":"realtime:a:b","event":"phx_close","payload":{}}', 0)
    assert said.message is None
    assert said.frame.event == "phx_close"


def test_what_cannot_be_read_says_why():
    said = frames().of(b"?", 0)
    assert (said.message, said.frame) == (None, None)
    assert "not JSON" in said.problem


def test_any_bytes_are_a_message_of_a_plain_websocket():
    channel = realtime_channel("websocket", "text")
    known = Known(message_reader(plain_message, Keys(channel, {}).of))
    assert known.of(b"tick", 0).key == "tick"


def test_an_event_keeps_what_its_lines_say():
    channel = realtime_channel("sse", "json.id")
    said = Known(event_reader(Keys(channel, {}).of)).of(b'id: 4\nretry: 5\ndata: {"id":1}', 0)
    assert (said.key, said.fields.id, said.fields.retry_ms) == ("1", "4", 5)


def test_an_event_without_data_is_no_message_but_its_id_counts():
    said = Known(event_reader(Keys(realtime_channel("sse"), {}).of)).of(b"id: 4", 0)
    assert (said.message, said.fields.id) == (None, "4")


@pytest.fixture
def counted():
    read = []

    def reader(data: bytes, _at_ns: int) -> Said:
        read.append(data)
        return Said()

    return Known(reader), read


def test_what_comes_again_stays_known_however_much_comes_between(counted, monkeypatch):
    monkeypatch.setattr(once, "MOST_KNOWN", 4)
    known, read = counted
    for number in range(100):
        known.of(b"%d" % number, 0)
        known.of(b"often", 0)
    assert read.count(b"often") == 1
    assert len(read) == 101


def test_what_came_long_ago_is_forgotten(counted, monkeypatch):
    monkeypatch.setattr(once, "MOST_KNOWN", 4)
    known, read = counted
    for number in range(100):
        known.of(b"%d" % number, 0)
    known.of(b"0", 0)
    assert read.count(b"0") == 2
    assert len(known._young) + len(known._old) <= 8


def test_memory_is_bounded_by_bytes_too(counted, monkeypatch):
    monkeypatch.setattr(once, "MOST_KNOWN_BYTES", 100)
    known, read = counted
    for number in range(10):
        known.of(b"%d" % number * 40, 0)
    assert sum(map(len, [*known._young, *known._old])) <= 200
    known.of(b"x" * 101, 0)
    known.of(b"x" * 101, 0)
    assert read.count(b"x" * 101) == 2
