"""Channels: what a run listens to beside its load – a receiver of webhooks, or subscribers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

# pydantic reads the annotations
from wedload.plan.fields import (
    STRICT,
    ArrivalRate,
    DurationNs,
    ExpressionField,
    Fields,
    Headers,
    PositiveDurationNs,
    SizeBytes,
    TextTemplate,
)
from wedload.plan.rate import Rate
from wedload.units import NS_PER_S

Scheme = Literal["standard-webhooks", "stripe", "github", "none"]
Realtime = Literal["supabase", "phoenix", "websocket", "sse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """How the deliveries of a webhook are signed; what is not signed so is never a delivery."""

    __pydantic_config__: ClassVar = STRICT
    scheme: Scheme
    secret: TextTemplate | None = None  # several, old and new, with spaces between them
    tolerance: PositiveDurationNs = 300 * NS_PER_S  # between its timestamp and our clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the receiver answers an attempt with; the n-th attempt of a message gets the n-th."""

    __pydantic_config__: ClassVar = STRICT
    status: int | None = None
    retry_after: DurationNs | None = None
    hang: PositiveDurationNs | None = None  # say nothing for so long, then hang up
    times: int = 1  # how many attempts in a row get this


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """With which a receiver speaks TLS."""

    __pydantic_config__: ClassVar = STRICT
    cert: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Rows of a database whose changes subscribers are told of (Supabase)."""

    __pydantic_config__: ClassVar = STRICT
    event: Literal["*", "INSERT", "UPDATE", "DELETE"] = "*"
    schema: str = "public"
    table: str = "*"
    filter: TextTemplate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a realtime service allows: the run is checked against it before it starts."""

    __pydantic_config__: ClassVar = STRICT
    connections: int | None = None
    messages: ArrivalRate | None = None  # to all subscribers together


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel: a webhook receiver or a population of subscribers, and how its messages are read.

    `key` names what a message is about; an `await` step waits for the message with its key.
    """

    __pydantic_config__: ClassVar = STRICT
    webhook: str | None = None  # its path
    realtime: Realtime | None = None
    # of both kinds; expressions over a message
    key: ExpressionField
    entity: ExpressionField | None = None  # within which messages have an order …
    sequence: ExpressionField | None = None  # … by this number, which grows
    within: PositiveDurationNs = 10 * NS_PER_S  # the deadline of steps that say none
    remember: int = 100_000  # keys
    # of webhooks
    listen: str = "127.0.0.1:0"
    expose: bool = False  # whether that may be where other machines reach it
    public_url: TextTemplate | None = None  # where the sender finds it, if that is elsewhere
    tls: Certificate | None = None
    signature: Signature | None = None
    answers: tuple[Answer, ...] = ()
    answers_ratio: float = 1.0  # the share of messages that gets them; the others get 200
    max_body: SizeBytes = 1_000_000
    # of realtime
    url: TextTemplate | None = None
    topic: TextTemplate | None = None
    subscribers: int = 1
    joins: ArrivalRate = field(default_factory=lambda: Rate.parse("100/s"))
    headers: Headers = ()
    params: Fields = ()  # of the URL's query
    access_token: TextTemplate | None = None
    vsn: Literal["1.0.0", "2.0.0"] = "1.0.0"  # of Phoenix' serializer
    private: bool = False
    changes: tuple[Changes, ...] = ()
    presence: bool = False
    subscribe: TextTemplate | None = None  # what a plain WebSocket is sent first
    heartbeat: PositiveDurationNs = 25 * NS_PER_S
    reaches: Literal["every", "any"] = "every"  # subscriber that has joined
    limits: Limits | None = None

    @property
    def kind(self) -> Literal["webhook", "realtime"]:
        """What it is; its metrics begin with it."""
        return "realtime" if self.webhook is None else "webhook"


#: what its expressions may read of a message
MESSAGE_NAMES: Final = frozenset({"body", "headers", "json", "text"})
#: keys of a channel that only one kind has
WEBHOOK_KEYS: Final = (
    "listen", "expose", "public_url", "tls", "signature", "answers", "answers_ratio", "max_body",
)  # fmt: skip
REALTIME_KEYS: Final = (
    "url", "topic", "subscribers", "joins", "headers", "params", "access_token", "vsn", "private",
    "changes", "presence", "subscribe", "heartbeat", "reaches", "limits",
)  # fmt: skip
