"""Frames of Phoenix, of both versions."""

from __future__ import annotations

import json

import orjson
import pytest

from wedload.channels.realtime.frames import Broken, Frame, decoder, encoder

V1, V2 = "1.0.0", "2.0.0"
FRAME = Frame("1", "7", "room:1", "shout", {"id": 3})


def test_version_1_writes_an_object():
    written = json.loads(encoder(V1)(FRAME))
    assert written == {
        "topic": "room:1", "event": "shout", "payload": {"id": 3}, "ref": "7", "join_ref": "1",
    }  # fmt: skip


def test_version_2_writes_an_array():
    assert json.loads(encoder(V2)(FRAME)) == ["1", "7", "room:1", "shout", {"id": 3}]


@pytest.mark.parametrize("vsn", [V1, V2])
def test_what_is_written_is_read(vsn):
    assert decoder(vsn)(encoder(vsn)(FRAME)) == FRAME


@pytest.mark.parametrize("vsn", [V1, V2])
def test_a_payload_may_be_json_already(vsn):
    written = encoder(vsn)(FRAME._replace(payload={"payload": orjson.Fragment(b'{"a": 1.50}')}))
    assert b'{"a": 1.50}' in written


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        # an older server says no join_ref, another counts
        (b'{"topic":"t","event":"e","payload":{},"ref":null}', Frame(None, None, "t", "e", {})),
        (b'{"topic":"t","event":"e","payload":1,"ref":5}', Frame(None, "5", "t", "e", 1)),
        (b'{"topic":"t","event":"e"}', Frame(None, None, "t", "e", None)),
    ],
)
def test_frames_of_version_1(data, frame):
    assert decoder(V1)(data) == frame


@pytest.mark.parametrize(
    ("data", "frame"),
    [
        (b'[null,null,"t","e",{"m":1}]', Frame(None, None, "t", "e", {"m": 1})),
        (b'["1","2","t","e",[],"more"]', Frame("1", "2", "t", "e", [])),
        # binary: push, reply, broadcast
        (b"\x00\x02\x05\x0512topicevent\x65\x66", Frame("12", None, "topic", "event", b"ef")),
        (b"\x00\x00\x05\x05topicevent", Frame(None, None, "topic", "event", b"")),
        (
            b"\x01\x02\x03\x05\x0212345topicok\x01",
            Frame("12", "345", "topic", "phx_reply", {"status": "ok", "response": b"\x01"}),
        ),
        (b"\x02\x05\x05topicevent\x00", Frame(None, None, "topic", "event", b"\x00")),
        # Supabase's: a user's JSON, with what was noted of it, and a user's bytes
        (
            b'\x04\x05\x03\x08\x01topicsay{"id":1}{"x":"y"}',
            Frame(None, None, "topic", "broadcast", {
                "type": "broadcast", "event": "say", "payload": {"x": "y"}, "meta": {"id": 1},
            }),
        ),
        (
            b"\x04\x05\x03\x00\x00topicsay\xff\xfe",
            Frame(None, None, "topic", "broadcast", {
                "type": "broadcast", "event": "say", "payload": b"\xff\xfe",
            }),
        ),
    ],
)  # fmt: skip
def test_frames_of_version_2(data, frame):
    assert decoder(V2)(data) == frame


@pytest.mark.parametrize(
    ("vsn", "data", "problem"),
    [
        (V1, b"", "is not JSON"),
        (V1, b"{", "is not JSON"),
        (V1, b"\xff\xfe", "is not JSON"),
        (V1, b"[1,2]", "is not an object"),
        (V1, b'{"event":"e"}', "has no topic"),
        (V1, b'{"topic":"t","event":3}', "has no topic"),
        (V2, b"", "is not JSON"),
        (V2, b"{}", "is not an array of five"),
        (V2, b"[1,2,3]", "is not an array of five"),
        (V2, b'[null,null,3,"e",{}]', "has no topic"),
        (V2, b"\x03\x01\x01", "of a kind that no server sends"),
        (V2, b"\x02", "cut short"),
        (V2, b"\x02\x05\x05topic", "cut short"),
        (V2, b"\x04\x05", "cut short"),
        (V2, b"\x04\x01\x01\x00\x01ts{", "not what it says"),
        (V2, b"\x04\x01\x01\x01\x01ts{1", "not what it says"),
        (V2, b"\x02\x01\x01\xffe", "not what it says"),
    ],
)
def test_a_broken_frame_is_a_value_that_says_why(vsn, data, problem):
    broken = decoder(vsn)(data)
    assert isinstance(broken, Broken)
    assert problem in broken.problem


def test_a_long_broken_frame_is_shown_in_part():
    broken = decoder(V1)(b"x" * 5_000)
    assert isinstance(broken, Broken)
    assert len(broken.problem) < 200
    assert broken.problem.endswith("…")
