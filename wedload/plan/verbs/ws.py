"""`ws`: a conversation over a WebSocket: something is sent, and a message that fits is awaited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from wedload.plan.checks.rate_limits import check_limits
from wedload.plan.checks.requests import check_identity
from wedload.plan.fields import (  # noqa: TC001 - pydantic reads the annotations
    ExpressionField,
    Headers,
    JsonField,
    PositiveDurationNs,
    TextTemplate,
    WebSocketUrl,
)
from wedload.plan.metric import Metric, StepMetrics
from wedload.plan.rate_limits import RateLimits, obeys_limits
from wedload.plan.uses import Use, of_json, of_pairs, of_url
from wedload.plan.verbs.base import Meanings, SampledStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.plan.draft import Draft
    from wedload.plan.expressions.template import Template
    from wedload.plan.model import HttpDefaults, Plan
    from wedload.plan.positions import Path

#: names of a response that read a message
_OF_MESSAGE: Final = frozenset({"body", "json", "text"})
#: lower-case names of the headers that make a handshake; what a step says of them is not sent
HANDSHAKE_HEADERS: Final = frozenset(
    {
        "connection", "upgrade", "sec-websocket-accept", "sec-websocket-extensions",
        "sec-websocket-key", "sec-websocket-protocol", "sec-websocket-version",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class WsStep(SampledStep):
    """One exchange of a conversation."""

    verb: ClassVar[str] = "ws"
    placeholder: ClassVar[str] = "/"
    measured: ClassVar[StepMetrics] = StepMetrics(
        count="ws_exchanges",
        failed="ws_failed",
        duration="ws_duration",
        interrupted="ws_interrupted",
    )
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric(
            "ws_exchanges", "counter", "`ws` steps ended, whatever the outcome", better="higher"
        ),
        Metric("ws_duration", "trend", "message handed to the socket until the expected one came"),
        Metric(
            "ws_connecting",
            "trend",
            "from wanting a connection until its handshake was answered, if one was made",
        ),
        Metric(
            "ws_interrupted",
            "trend",
            "wait so far of exchanges cut off by a ramp-down or a stop; in no other figure",
        ),
        Metric(
            "ws_failed",
            "rate",
            "exchanges without the expected message, or without a connection",
            counted="ws_exchanges",
        ),
        Metric("ws_limited", "counter", "handshakes answered by 429, or by 503 with Retry-After"),
        Metric("ws_connections", "counter", "connections opened"),
        Metric("ws_reconnects", "counter", "those of them in place of one that the server ended"),
        Metric("ws_messages_sent", "counter", "messages handed to the socket", better="higher"),
        Metric(
            "ws_messages_received", "counter", "messages that came, expected or not",
            better="higher",
        ),
        Metric(
            "ws_messages_dropped", "counter", "messages thrown away unseen, as too many waited"
        ),
    )  # fmt: skip
    meanings: ClassVar[Meanings] = {
        **SampledStep.meanings,
        "ws": ("Path under the target's base URL, or a ws:// or wss:// URL.", None),
        "as": ("The identity that opens the connection.", None),
        "headers": ("Headers of the handshake.", None),
        "rate_limits": ("Instead of the default of [http]: obey or probe.", None),
        "subprotocol": ("What is to be spoken: Sec-WebSocket-Protocol.", None),
        "send": ("The message that is sent: a JSON value, or a text.", None),
        "expect": ("An expression over a message: the first for which it holds is awaited.", None),
        "within": ("How long it is awaited, connecting included: [http] timeout.", None),
        "close": ("Whether the connection is closed after the step.", False),
    }

    ws: WebSocketUrl
    as_: str | None = None  # written `as`
    headers: Headers = ()
    rate_limits: RateLimits | None = None
    subprotocol: TextTemplate | None = None
    send: JsonField | None = None
    expect: ExpressionField | None = None
    within: PositiveDurationNs | None = None
    close: bool = False

    @property
    def label(self) -> str:
        """Its name, or its verb's text."""
        return self.name or f"ws {self.ws.source}"

    @property
    def identity(self) -> str | None:
        """Whom it acts as."""
        return self.as_

    def obeys_limits(self, defaults: HttpDefaults) -> bool:
        """Whether its handshake waits when it is told to."""
        return obeys_limits(self, defaults)

    @property
    def kept_open(self) -> Template | None:
        """Where its connection goes."""
        return self.ws

    def urls(self) -> Iterator[tuple[Path, Template]]:
        """Where the connection goes."""
        yield ("ws",), self.ws

    def own_uses(self, path: Path) -> Iterator[Use]:
        """The expressions of the handshake and of both messages."""
        yield from of_url(self.ws, (*path, "ws"))
        yield from of_pairs(self.headers, (*path, "headers"))
        if self.subprotocol is not None:
            yield Use((*path, "subprotocol"), self.subprotocol.reads)
        if self.send is not None:
            yield from of_json(self.send, (*path, "send"))
        if self.expect is not None:
            yield Use((*path, "expect"), self.expect.reads, response=True)

    def check_keys(self, draft: Draft, plan: Plan, path: Path) -> None:
        """Report a handshake that cannot be made as it is, and messages that nobody awaits."""
        check_identity(draft, path, self.as_)
        check_limits(draft, plan, path, self)
        for name, _ in self.headers:
            if name.lower() in HANDSHAKE_HEADERS:
                chosen = name.lower() == "sec-websocket-protocol"
                hint = 'write subprotocol = "…"' if chosen else "take it out"
                message = f"{name} belongs to the handshake itself"
                draft.report((*path, "headers", name), message, hint)
        self._check_way(draft, plan, path)
        if self.expect is None and not draft.damaged((*path, "expect")):
            self._check_unawaited(draft, path)

    def _check_way(self, draft: Draft, plan: Plan, path: Path) -> None:
        """Report proxies and Digest, which are HTTP's alone."""
        proxies = {"[http]": plan.http.proxy}
        proxies |= {f"target {name}": one.proxy for name, one in plan.targets.items()}
        if where := next((where for where, proxy in proxies.items() if proxy), None):
            message = f"a WebSocket is connected to without a proxy, and {where} has one"
            draft.report((*path, "ws"), message, "take out the proxy, or this step")
        identity = plan.identities.get(self.as_ or "")
        if identity is not None and identity.auth is not None and identity.auth.scheme == "digest":
            message = "a WebSocket's handshake answers no Digest challenge"
            draft.report((*path, "as"), message, "let an identity with headers open it")

    def _check_unawaited(self, draft: Draft, path: Path) -> None:
        """Report what reads a message where none is awaited."""
        for use in self.uses(path):
            for name in sorted(use.reads.response & _OF_MESSAGE) if use.response else ():
                draft.report(
                    use.path,
                    f"`{name}` is of a message, and this step awaits none",
                    'add expect = "json.id == 1": the message for which it holds is read',
                )
