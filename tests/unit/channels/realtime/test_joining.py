"""What a subscriber asks for when it joins."""

from __future__ import annotations

import pytest

from tests.helpers.realtime import realtime_channel
from wedload.channels.realtime.joining import subscription
from wedload.channels.scope import ChannelScope
from wedload.plan.channels import Changes
from wedload.plan.expressions.template import Template

SCOPE = ChannelScope({"WEDLOAD_TOKEN": "s3cret"}, variables={"city": "Leeds"}, subscriber=4)


def asked(publisher: bool = False, realtime: str = "supabase", **said: object):
    channel = realtime_channel(realtime, **said)
    return subscription(channel, SCOPE, lambda frame: frame, publisher=publisher).join()


def test_supabase_is_asked_for_what_the_channel_wants():
    frame = asked(
        topic="realtime:room-${vu}",
        access_token="${env.WEDLOAD_TOKEN}",
        private=True,
        presence=True,
        changes=(
            Changes(table="orders", filter=Template.parse("city=eq.${city}")),
            Changes(event="DELETE", schema="audit"),
        ),
    )
    assert frame.topic == "realtime:room-5"
    assert frame.payload == {
        "config": {
            "broadcast": {"ack": False, "self": False},
            "presence": {"key": "", "enabled": True},
            "postgres_changes": [
                {"event": "*", "schema": "public", "table": "orders", "filter": "city=eq.Leeds"},
                {"event": "DELETE", "schema": "audit", "table": "*"},
            ],
            "private": True,
        },
        "access_token": "s3cret",
    }


def test_without_a_token_none_is_sent():
    assert "access_token" not in asked(topic="realtime:room").payload


@pytest.mark.parametrize(
    ("topic", "changes"),
    [
        ("realtime:public:orders", [{"event": "*", "schema": "public", "table": "orders"}]),
        ("realtime:public:*", [{"event": "*", "schema": "public", "table": "*"}]),
        (
            "realtime:public:orders:city=eq.Leeds",
            [{"event": "*", "schema": "public", "table": "orders", "filter": "city=eq.Leeds"}],
        ),
        ("realtime:room", []),
        ("realtime:room:42", []),  # no name of a table
        ("realtime:room:a:b", []),
        ("room:public:orders", []),
    ],
)
def test_a_topic_of_schema_and_table_asks_for_its_changes(topic, changes):
    assert asked(topic=topic).payload["config"]["postgres_changes"] == changes


def test_changes_that_are_given_are_those_that_are_asked_for():
    frame = asked(topic="realtime:public:orders", changes=(Changes(table="forms"),))
    (only,) = frame.payload["config"]["postgres_changes"]
    assert only["table"] == "forms"


def test_a_publisher_has_its_broadcasts_acknowledged_and_wants_nothing_else():
    config = asked(True, topic="realtime:public:orders", presence=True).payload["config"]
    assert config["broadcast"] == {"ack": True, "self": False}
    assert config["postgres_changes"] == []
    assert config["presence"]["enabled"] is False


def test_another_server_is_told_the_params():
    frame = asked(realtime="phoenix", topic="room:1", params={"token": "${env.WEDLOAD_TOKEN}"})
    assert frame.payload == {"token": "s3cret"}
