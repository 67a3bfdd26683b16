"""Realtime channels for tests: what a plan would say, and a hearing that keeps what it is told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from wedload.channels.keys import Keys
from wedload.channels.port import EarContext
from wedload.channels.scope import ChannelScope
from wedload.clock import Clock, MonotonicClock
from wedload.plan.channels import Channel
from wedload.plan.expressions.expression import Expression
from wedload.plan.expressions.template import Template
from wedload.plan.model import Target
from wedload.plan.rate import Rate

if TYPE_CHECKING:
    from wedload.channels.message import Message
    from wedload.channels.port import Place

_TEMPLATES = ("url", "topic", "access_token", "subscribe")


class Heard(NamedTuple):
    key: str
    at_ns: int
    subscriber: int
    place: Place | None
    message: Message


class Notebook:
    """A `Hearing` that keeps it all."""

    def __init__(self) -> None:
        self.messages: list[Heard] = []
        self.stays: list[tuple[str, int, int]] = []  # joined | left, who, when
        self.counts: Counter[tuple[str, str]] = Counter()
        self.times: list[tuple[str, int]] = []
        self.notes: list[str] = []
        self.surprises = 0

    def heard(
        self, key: str, at_ns: int, subscriber: int, place: Place | None, message: Message
    ) -> None:
        self.messages.append(Heard(key, at_ns, subscriber, place, message))

    def arrived(self, key: str, at_ns: int) -> None:
        raise AssertionError("only webhooks arrive without being heard")

    def unexpected(self, _message: Message) -> None:
        self.surprises += 1

    def joined(self, subscriber: int, at_ns: int) -> None:
        self.stays.append(("joined", subscriber, at_ns))

    def left(self, subscriber: int, at_ns: int) -> None:
        self.stays.append(("left", subscriber, at_ns))

    def count(self, metric: str, outcome: str = "", by: int = 1) -> None:
        self.counts[metric, outcome] += by

    def timed(self, metric: str, duration_ns: int) -> None:
        self.times.append((metric, duration_ns))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def keys_of(self, subscriber: int) -> list[str]:
        """What one subscriber has heard, in order."""
        return [one.key for one in self.messages if one.subscriber == subscriber]


def realtime_channel(realtime: str = "phoenix", key: str = "json.id", **said: Any) -> Channel:
    """A channel as the loader would make it; texts are templates where it makes them such."""
    for name in _TEMPLATES:
        if isinstance(said.get(name), str):
            said[name] = Template.parse(said[name])
    for name in ("headers", "params"):
        if name in said:
            pairs = said[name].items()
            said[name] = tuple((one, Template.parse(value)) for one, value in pairs)
    for name in ("sequence", "entity"):
        if isinstance(said.get(name), str):
            said[name] = Expression.parse(said[name])
    if isinstance(said.get("joins"), str):
        said["joins"] = Rate.parse(said["joins"])
    return Channel(realtime=realtime, key=Expression.parse(key), **said)


def ear_context(
    channel: Channel,
    base_url: str = "http://127.0.0.1:9",
    *,
    hearing: Notebook | None = None,
    env: dict[str, str] | None = None,
    variables: dict[str, Any] | None = None,
    target: Target | None = None,
    clock: Clock | None = None,
) -> EarContext:
    env = env or {}
    return EarContext(
        name="news",
        channel=channel,
        keys=Keys(channel, env),
        hearing=hearing or Notebook(),
        scope=ChannelScope(env, variables=variables),
        clock=clock or MonotonicClock(),
        base_url=base_url,
        target=target or Target(base_url=base_url),
        seed=1,
    )
