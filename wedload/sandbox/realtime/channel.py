"""One joined topic of one socket: what was asked for on joining, and the wishes' checks.

Source: https://supabase.com/docs/guides/realtime/protocol, "phx_join".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from .fanout import Subscriber

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from .changes import Binding
    from .phoenix import Ref, Version
    from .socket import Socket


class JoinError(Exception):
    """A join that is refused; the message is the reason, its code in front."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """The `config` of a join; `changes` are the entries of `postgres_changes` as they came."""

    ack: bool
    to_self: bool
    presence: bool
    presence_key: str
    private: bool
    changes: tuple[dict[str, str | None], ...]


class Channel(Subscriber):
    """A socket on a topic."""

    __slots__ = (
        *("bindings", "expiry", "join_ref", "sees_presence"),
        *("socket", "topic", "version", "wishes"),
    )

    def __init__(self, socket: Socket, topic: str, join_ref: Ref, wishes: Wishes) -> None:
        super().__init__(socket.outlet)
        self.socket = socket
        self.version: Version = socket.version
        self.topic = topic
        self.join_ref = join_ref
        self.wishes = wishes
        self.sees_presence = wishes.presence
        self.bindings: tuple[Binding, ...] = ()
        self.expiry: asyncio.TimerHandle | None = None

    @property
    def room(self) -> tuple[str, bool]:
        """Those it hears and is heard by: private and public channels of a topic are apart."""
        return self.topic, self.wishes.private


def read_wishes(payload: object) -> Wishes:
    """Read the payload of a join; what is left out is as the protocol has it.

    Raises:
        JoinError: something is not of its type.
    """
    config = _object(payload, "config")
    broadcast, presence = _object(config, "broadcast"), _object(config, "presence")
    changes = config.get("postgres_changes") or []
    if not isinstance(changes, list) or not all(map(_is_subscription, changes)):
        raise JoinError("InvalidJoinPayload: postgres_changes must be a list of objects of strings")
    key = presence.get("key") or str(uuid4())
    if not isinstance(key, str):
        raise JoinError("InvalidJoinPayload: presence.key must be a string")
    return Wishes(
        ack=_flag(broadcast, "ack"),
        to_self=_flag(broadcast, "self"),
        presence=_flag(presence, "enabled"),
        presence_key=key,
        private=_flag(config, "private"),
        changes=tuple(changes),
    )


def _is_subscription(given: object) -> bool:
    return isinstance(given, dict) and all(isinstance(v, str | None) for v in given.values())


def _object(given: object, name: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise JoinError("InvalidJoinPayload: the payload must be an object")
    value = given.get(name) or {}
    if not isinstance(value, dict):
        raise JoinError(f"InvalidJoinPayload: {name} must be an object")
    return value


def _flag(given: Mapping[str, Any], name: str) -> bool:
    value = given.get(name) or False
    if not isinstance(value, bool):
        raise JoinError(f"InvalidJoinPayload: {name} must be true or false")
    return value
