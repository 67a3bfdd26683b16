"""Webhooks: deliveries as senders sign them, a receiver's channel, and who hears of it."""

from __future__ import annotations

import hmac
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from standardwebhooks import Webhook

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

#: bytes that anybody may know
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


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

    def unexpected(self) -> None:
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


def standard_headers(
    body: bytes, message_id: str = "msg_1", *, secret: str = SECRET, at_s: float | None = None
) -> dict[str, str]:
    """The headers of a delivery as the library of Standard Webhooks signs it."""
    now_s = int(time.time() if at_s is None else at_s)
    # it takes the fields of a time to be those of UTC
    stamp = datetime.fromtimestamp(now_s, tz=UTC)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(now_s),
        "webhook-signature": Webhook(secret).sign(message_id, stamp, body.decode()),
    }


def stripe_headers(body: bytes, *, secret: str = SECRET, at_s: float | None = None) -> dict:
    """The header of a delivery of Stripe's."""
    now_s = int(time.time() if at_s is None else at_s)
    signature = hmac.new(secret.encode(), f"{now_s}.".encode() + body, "sha256").hexdigest()
    return {"stripe-signature": f"t={now_s},v1={signature}"}


def github_headers(body: bytes, message_id: str = "7", *, secret: str = SECRET) -> dict[str, str]:
    """The headers of a delivery of GitHub's."""
    signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
    return {"x-github-delivery": message_id, "x-hub-signature-256": f"sha256={signature}"}
