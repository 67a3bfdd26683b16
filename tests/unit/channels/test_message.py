"""Messages, as checks and captures read them, here and in the process that awaits them."""

from __future__ import annotations

import pickle

import pytest

from wedload.channels.message import Message


def test_a_message_reads_like_a_response() -> None:
    message = Message(900, '{"a": "ü"}'.encode(), {"event": "note"}, status=200)
    message.since_ns = 400
    assert (message.duration, message.waiting, message.status) == (500, 500, 200)
    assert message.json == {"a": "ü"}
    assert message.text == '{"a": "ü"}'
    assert message.headers["event"] == "note"
    assert dict(message.cookies) == {}


def test_a_body_that_is_not_json_has_no_json() -> None:
    with pytest.raises(ValueError, match="unexpected"):
        assert Message(1, b"plain").json


@pytest.mark.parametrize("content", [[], [{"record": {"id": 7}}]])
def test_a_message_is_the_same_in_another_process(content: list[object]) -> None:
    """Also its content, where that is a part of the body."""
    message = Message(
        900, b'{"x": 1}', {"a": "b"}, status=3, **({"json": content[0]} if content else {})
    )
    message.since_ns = 5
    other = pickle.loads(pickle.dumps(message))
    for name in ("at_ns", "since_ns", "body", "status", "json", "text"):
        assert getattr(other, name) == getattr(message, name)
    assert dict(other.headers) == {"a": "b"}


def test_a_message_that_is_nested_without_sense_is_no_json_and_can_be_handed_on():
    message = Message(0, b"[" * 900 + b"]" * 900)

    with pytest.raises(ValueError, match="nested more than 254 levels"):
        _ = message.json
    assert pickle.loads(pickle.dumps(message)).body == message.body
