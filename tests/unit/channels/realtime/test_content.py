"""Which frames are messages, and what they say."""

from __future__ import annotations

import pytest

from wedload.channels.realtime.content import content_of, event_message, plain_message
from wedload.channels.realtime.event_stream import Fields
from wedload.channels.realtime.frames import Frame

TOPIC = "realtime:room"
CHANGE = {"type": "INSERT", "record": {"id": 3}, "commit_timestamp": "2027-06-19T00:00:00Z"}


def read(event: str, payload: object, *, supabase: bool = True, presence: bool = False):
    frame = Frame(None, None, TOPIC, event, payload)
    return content_of(supabase=supabase, presence=presence)(frame, b"the frame", 5)


@pytest.mark.parametrize(
    ("event", "payload", "headers", "json"),
    [
        ("postgres_changes", {"ids": [1], "data": CHANGE},
         {"event": "INSERT", "topic": TOPIC, "kind": "postgres_changes"}, CHANGE),
        ("broadcast", {"type": "broadcast", "event": "say", "payload": {"a": 1}},
         {"event": "say", "topic": TOPIC, "kind": "broadcast"}, {"a": 1}),
        ("INSERT", {"record": {}}, {"event": "INSERT", "topic": TOPIC, "kind": "message"},
         {"record": {}}),
        ("postgres_changes", "odd", {"event": "postgres_changes", "topic": TOPIC,
                                     "kind": "message"}, "odd"),
        ("broadcast", {}, {"event": "broadcast", "topic": TOPIC, "kind": "broadcast"}, None),
    ],
)  # fmt: skip
def test_the_content_of_supabases_messages(event, payload, headers, json):
    message = read(event, payload)
    assert (message.headers, message.json, message.at_ns) == (headers, json, 5)
    assert message.text == "the frame"


def test_the_content_of_another_servers_messages_is_their_payload():
    for event in ("shout", "broadcast", "system", "postgres_changes"):
        message = read(event, {"data": {"id": 1}}, supabase=False)
        assert message.json == {"data": {"id": 1}}
        assert message.headers == {"event": event, "topic": TOPIC, "kind": "message"}


def test_bytes_that_somebody_broadcast_are_the_body():
    message = read("broadcast", {"event": "say", "payload": b'{"id": 4}'})
    assert message.body == b'{"id": 4}'
    assert message.json == {"id": 4}


@pytest.mark.parametrize("event", ["phx_reply", "phx_close", "phx_error", "system"])
def test_what_is_about_the_subscription_is_no_message(event):
    assert read(event, {}) is None


@pytest.mark.parametrize("event", ["presence_state", "presence_diff"])
def test_who_comes_and_goes_is_a_message_if_the_plan_asks(event):
    payload = {"joins": {}, "leaves": {}}
    for supabase in (True, False):
        assert read(event, payload, supabase=supabase) is None
        message = read(event, payload, supabase=supabase, presence=True)
        assert message.json == payload
        assert message.headers == {"event": event, "topic": TOPIC, "kind": "presence"}


def test_answers_to_heartbeats_are_no_messages():
    frame = Frame(None, "3", "phoenix", "whatever", {})
    assert content_of(supabase=False, presence=True)(frame, b"", 0) is None


def test_a_plain_websockets_message_is_json_where_it_is():
    assert plain_message(b'{"id": 1}', 3).json == {"id": 1}
    message = plain_message(b"tick \xff", 3)
    assert message.text == "tick \ufffd"
    with pytest.raises(ValueError, match="not valid UTF-8"):
        _ = message.json


def test_an_event_of_a_stream_has_its_name_and_its_id():
    message = event_message(Fields("price", b'{"id": 1}', "17", None), 3)
    assert message.json == {"id": 1}
    assert message.headers == {"event": "price", "id": "17", "kind": "message"}
    assert "id" not in event_message(Fields("message", b"", None, None), 3).headers


def test_an_event_without_data_is_no_message():
    assert event_message(Fields("price", None, "17", 3), 3) is None
