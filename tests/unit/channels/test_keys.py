"""What a message is about, by the channel's expressions."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from wedload.channels.keys import Keys, key_text
from wedload.channels.message import Message
from wedload.channels.port import Place
from wedload.plan.channels import Channel
from wedload.plan.expressions.expression import Expression


def channel(key: str, entity: str | None = None, sequence: str | None = None) -> Channel:
    def parsed(source: str | None) -> Any:
        return None if source is None else Expression.parse(source)

    return Channel(
        webhook="/", key=Expression.parse(key), entity=parsed(entity), sequence=parsed(sequence)
    )


def message(content: Any, **headers: str) -> Message:
    return Message(5, orjson.dumps(content), headers)


@pytest.mark.parametrize(
    ("key", "content", "expected"),
    [
        ("json.id", {"id": "a"}, "a"),
        ("json.id", {"id": 17}, "17"),  # as an await's text "17" is
        ("json.a[1]", {"a": [0, True]}, "true"),
        ("json.id", {"id": None}, None),
        ("json.id", {}, None),
        ("json.id", [1], None),
        ("headers.event", {}, "note"),
        ("env.WEDLOAD_A", {}, "of the environment"),
    ],
)
def test_a_key_is_text_whatever_the_message_has(
    key: str, content: Any, expected: str | None
) -> None:
    keys = Keys(channel(key), {"WEDLOAD_A": "of the environment"})
    found = keys.of(message(content, event="note"))
    assert found == (None if expected is None else (expected, None))


def test_a_message_that_is_not_json_has_no_key_of_it() -> None:
    assert Keys(channel("json.id"), {}).of(Message(5, b"<xml/>")) is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"id": 1, "n": 3, "of": "x"}, Place("x", 3.0)),
        ({"id": 1, "n": "4", "of": 7}, Place("7", 4.0)),
        ({"id": 1, "of": "x"}, None),
        ({"id": 1, "n": "none", "of": "x"}, None),
        ({"id": 1, "n": 3}, None),
    ],
)
def test_a_place_in_the_order_needs_a_number_and_an_entity(content: Any, expected: Any) -> None:
    """A message that lacks them has a key all the same."""
    found = Keys(channel("json.id", "json.of", "json.n"), {}).of(message(content))
    assert found == ("1", expected)


def test_without_an_entity_the_channel_is_one() -> None:
    assert Keys(channel("json.id", None, "json.n"), {}).of(message({"id": 1, "n": 2})) == (
        "1", Place("", 2.0),
    )  # fmt: skip


def test_null_is_no_key() -> None:
    with pytest.raises(ValueError, match="null"):
        key_text(None)
