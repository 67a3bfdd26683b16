"""What a subscriber asks for when it joins: the payload of `phx_join`. Pure.

Source: Supabase's guide `realtime/protocol`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from wedload.channels.realtime.phoenix import CHANGES, Subscription
from wedload.workload.render_parts import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.channels.realtime.frames import Frame
    from wedload.channels.scope import ChannelScope
    from wedload.plan.channels import Channel
    from wedload.plan.expressions.template import Template

#: `realtime:SCHEMA:TABLE`, perhaps with a filter, is how older clients ask for changes
_OF_A_TABLE: Final = re.compile(
    r"realtime:([A-Za-z_][A-Za-z0-9_]*):([A-Za-z_][A-Za-z0-9_]*|\*)(?::([^:=]+=[a-z]+\..+))?"
)


def subscription(
    channel: Channel,
    scope: ChannelScope,
    encode: Callable[[Frame], bytes],
    *,
    publisher: bool = False,
) -> Subscription:
    """The subscription of one subscriber, or of a publisher, whose broadcasts are acknowledged.

    Raises:
        ValueError: a template of the channel has no value (any of `EVALUATION_ERRORS`).
    """
    topic = _text(channel.topic, scope) or ""
    if channel.realtime == "phoenix":
        params = {name: Text(value)(scope) for name, value in channel.params}
        return Subscription(topic, params, encode)
    changes = [] if publisher else changes_of(channel, topic, scope)
    config = {
        "broadcast": {"ack": publisher, "self": False},
        "presence": {"key": "", "enabled": channel.presence and not publisher},
        CHANGES: changes,
        "private": channel.private,
    }
    payload: dict[str, Any] = {"config": config}
    if (token := _text(channel.access_token, scope)) is not None:
        payload["access_token"] = token
    return Subscription(topic, payload, encode, changes=bool(changes), system=True)


def changes_of(channel: Channel, topic: str, scope: ChannelScope) -> list[dict[str, str]]:
    """The changes of a database that a subscriber to a topic is told of."""
    asked: list[tuple[str | None, ...]] = [
        (one.event, one.schema, one.table, _text(one.filter, scope)) for one in channel.changes
    ]
    if not asked and (of := _OF_A_TABLE.fullmatch(topic)) is not None:
        asked = [("*", *of.groups())]
    names = ("event", "schema", "table", "filter")
    return [{name: value for name, value in zip(names, one, strict=True) if value} for one in asked]


def _text(template: Template | None, scope: ChannelScope) -> str | None:
    return None if template is None else Text(template)(scope)
