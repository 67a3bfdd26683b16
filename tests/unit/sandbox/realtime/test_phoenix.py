"""Both versions of Phoenix' serializer, as tables."""

from __future__ import annotations

import json

import pytest

from wedload.sandbox.realtime.phoenix import Announcement, MalformedError, Push, decode, encode

JOIN = Push("realtime:x", "phx_join", {"config": {}}, "2", "1")


@pytest.mark.parametrize(
    ("version", "text", "push"),
    [
        (
            1,
            '{"topic":"realtime:x","event":"phx_join","payload":{"config":{}},"ref":"2","join_ref":"1"}',
            JOIN,
        ),
        (2, '["1","2","realtime:x","phx_join",{"config":{}}]', JOIN),
        (
            1,
            '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"3"}',
            Push("phoenix", "heartbeat", {}, "3", None),
        ),
        (
            2,
            '[null,"3","phoenix","heartbeat",{}]',
            Push("phoenix", "heartbeat", {}, "3", None),
        ),
        (1, '{"topic":"t","event":"e"}', Push("t", "e", None, None, None)),
        (2, '[1,2,"t","e",null]', Push("t", "e", None, 2, 1)),
    ],
)  # fmt: skip
def test_message_of_a_client_is_read_in_both_versions(version, text, push):
    assert decode(version, text) == push


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (1, ""), (1, "null"), (1, "[]"), (1, "{}"), (1, '{"topic":"t"}'), (1, '{"event":"e"}'),
        (1, '["1","2","t","e",{}]'), (1, '{"topic":1,"event":"e"}'), (1, "{"),
        (1, '{"topic":"t","event":"e","ref":{}}'),
        (2, '{"topic":"t","event":"e"}'), (2, "[]"), (2, '["1","2","t","e"]'),
        (2, '["1","2","t","e",{},{}]'), (2, '[[],"2","t","e",{}]'), (2, '[1,2,null,"e",{}]'),
    ],
)  # fmt: skip
def test_anything_else_is_malformed(version, text):
    with pytest.raises(MalformedError):
        decode(version, text)


def content(frame):
    """The JSON in a short frame."""
    assert frame[0] == 0x81
    assert frame[1] == len(frame) - 2
    return json.loads(frame[2:])


def test_server_leaves_the_joins_reference_out_of_version_one():
    frame = encode(1, "t", "phx_reply", {"status": "ok"}, "2", "1")
    expected = {"topic": "t", "event": "phx_reply", "payload": {"status": "ok"}, "ref": "2"}
    assert content(frame) == expected


def test_server_sends_arrays_in_version_two():
    frame = encode(2, "t", "phx_reply", {"status": "ok"}, "2", "1")
    assert content(frame) == ["1", "2", "t", "phx_reply", {"status": "ok"}]


def test_announcement_is_encoded_once_for_each_version_and_has_no_references():
    said = Announcement("t", "broadcast", {"n": 1})
    assert said.frame(1) is said.frame(1)
    assert said.frame(2) is said.frame(2)
    assert content(said.frame(1)) == {
        "topic": "t", "event": "broadcast", "payload": {"n": 1}, "ref": None,
    }  # fmt: skip
    assert content(said.frame(2)) == [None, None, "t", "broadcast", {"n": 1}]
