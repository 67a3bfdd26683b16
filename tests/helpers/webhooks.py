"""Webhooks: a receiver's channel, what it is sent, and who hears of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.helpers.signed import SECRET
from wedload.channels.keys import Keys
from wedload.channels.port import EarContext
from wedload.channels.scope import ChannelScope
from wedload.channels.webhook.receiver import WebhookEar
from wedload.clock import MonotonicClock
from wedload.plan.channels import Channel, Signature
from wedload.plan.expressions.expression import Expression
from wedload.plan.expressions.template import Template
from wedload.plan.model import Target

if TYPE_CHECKING:
    from wedload.channels.message import Message
    from wedload.channels.port import Place


@dataclass
class Heard:
    """A hearing that writes down what it is told."""

    messages: list[tuple[str, int, int, Place | None, Message]] = field(default_factory=list)
    arrivals: list[tuple[str, int]] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def heard(
        self, key: str, at_ns: int, subscriber: int, place: Place | None, message: Message
    ) -> None:
        self.messages.append((key, at_ns, subscriber, place, message))

    def arrived(self, key: str, at_ns: int) -> None:
        self.arrivals.append((key, at_ns))

    def unexpected(self, _message: Message) -> None:
        self.counts["webhook_unexpected", ""] += 1

    def joined(self, subscriber: int, at_ns: int) -> None:
        raise AssertionError("a webhook has no subscribers")

    def left(self, subscriber: int, at_ns: int) -> None:
        raise AssertionError("a webhook has no subscribers")

    def count(self, metric: str, outcome: str = "", by: int = 1) -> None:
        self.counts[metric, outcome] += by

    def timed(self, metric: str, duration_ns: int) -> None:
        raise AssertionError("the correlation times webhooks")

    def note(self, text: str) -> None:
        self.notes.append(text)

    @property
    def keys(self) -> list[str]:
        """Keys of the messages that count, in the order in which they came."""
        return [key for key, *_ in self.messages]

    def counted(self, metric: str) -> int:
        """A counter without regard to outcomes."""
        return sum(count for (name, _), count in self.counts.items() if name == metric)

    @property
    def rejections(self) -> dict[str, int]:
        """What was rejected, by reason."""
        return {
            outcome: n for (name, outcome), n in self.counts.items() if name == "webhook_rejected"
        }


def channel_of(**keys: Any) -> Channel:
    """A channel as a plan would say it: expressions and templates as text."""
    for name in ("key", "entity", "sequence"):
        if name in keys:
            keys[name] = Expression.parse(keys[name])
    if "public_url" in keys:
        keys["public_url"] = Template.parse(keys["public_url"])
    keys.setdefault("key", Expression.parse("json.id"))
    return Channel(webhook=keys.pop("webhook", "/hooks"), **keys)


def signed_by(scheme: Any, secret: str | None = SECRET, **keys: Any) -> Signature:
    """How a channel's deliveries are signed."""
    return Signature(
        scheme=scheme, secret=None if secret is None else Template.parse(secret), **keys
    )


def context_of(channel: Channel, hearing: Heard, *, seed: int = 1, **env: str) -> EarContext:
    """What an ear of a channel is given."""
    return EarContext(
        name="deliveries",
        channel=channel,
        keys=Keys(channel, env),
        hearing=hearing,
        scope=ChannelScope(env),
        clock=MonotonicClock(),
        base_url="http://127.0.0.1:1",
        target=Target(),
        seed=seed,
    )


def ear_of(channel: Channel, hearing: Heard, **options: Any) -> WebhookEar:
    """A receiver that is not listening yet."""
    return WebhookEar(context_of(channel, hearing), **options)


def delivery(
    body: bytes = b"", headers: dict[str, str] | None = None, path: str = "/hooks"
) -> bytes:
    """The bytes of a POST to a receiver."""
    lines = [f"POST {path} HTTP/1.1", "Host: receiver", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
