"""What is delivered and to whom: the values that the dispatcher's parts hand to each other.

Knows no database and no socket.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import orjson

from .call import instant
from .webhook_signature import key_of, signature, wrong_key

if TYPE_CHECKING:
    from .runs import Run
    from .tracing.scope import Scope
    from .weakness import Kind
    from .webhook_target import Target

State = Literal["pending", "delivered", "failed", "disabled"]
Accounts = Literal["own", "all"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an account wants its webhooks; `events` None is all. `secret` shows in no `repr`."""

    id: str
    account_id: str
    url: str
    target: Target
    events: frozenset[str] | None
    accounts: Accounts
    created_ms: int
    secret: str = field(repr=False)
    run_id: str | None = None

    def wants(self, event: str, account_id: str) -> bool:
        """Whether an event of this account is sent here."""
        if self.accounts == "own" and account_id != self.account_id:
            return False
        return self.events is None or event in self.events


@dataclass(frozen=True, slots=True)
class Message:
    """One event of one account, as it is told to every endpoint; `data` is JSON.

    `run` is the test run that it belongs to, with all its deliveries; `scope` what it happened in,
    if that is traced.
    """

    id: str
    account_id: str
    type: str
    created_ms: int
    data: bytes
    run: Run | None = None
    scope: Scope | None = None

    @property
    def run_id(self) -> str | None:
        """What its row has as its run."""
        return None if self.run is None else self.run.id

    @property
    def is_swept(self) -> bool:
        """Whether its rows are deleted, and not to come back."""
        return self.run is not None and self.run.swept


@dataclass(slots=True, eq=False)
class Delivery:
    """A message on its way to one endpoint.

    `sequence` counts what is queued to the endpoint, from 1; None until it is queued, which a
    delayed one is late. `due_ms` (Unix time) is when it may be sent, if not at once; `answer` what
    came of the last attempt.
    """

    message: Message
    endpoint_id: str
    sequence: int | None = None
    state: State = "pending"
    attempts: int = 0
    weakness: Kind | None = None
    due_ms: int | None = None
    answer: str | None = None

    def body(self) -> bytes:
        """What is sent, the same in every attempt."""
        return orjson.dumps(
            {
                "type": self.message.type,
                "timestamp": instant(self.message.created_ms),
                "sequence": self.sequence,
                "data": orjson.Fragment(self.message.data),
            }
        )


class Signer:
    """Makes the requests of one endpoint."""

    __slots__ = ("_head", "_key", "_wrong")

    def __init__(self, endpoint: Endpoint) -> None:
        target = endpoint.target
        self._key = key_of(endpoint.secret)
        self._wrong = wrong_key(self._key)
        self._head = (
            f"POST {target.path} HTTP/1.1\r\nHost: {target.authority}\r\n"
            "User-Agent: wedload-sandbox\r\nContent-Type: application/json\r\n"
        )

    def request(self, delivery: Delivery) -> bytes:
        """The bytes of an attempt that is made now: a timestamp of its own, the id as ever."""
        body = delivery.body()
        now_s = int(time.time())
        key = self._wrong if delivery.weakness == "missign" else self._key
        message_id = delivery.message.id
        head = (
            f"{self._head}webhook-id: {message_id}\r\nwebhook-timestamp: {now_s}\r\n"
            f"webhook-signature: {signature(key, message_id, now_s, body)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


@dataclass(slots=True)
class Done:
    """What the dispatcher did since it started; a delivery is a message to one endpoint.

    `resumed` are those that an earlier run of the server left. `delivered` were answered 2xx; one
    that was lost on purpose is not among them.
    """

    resumed: int = 0
    messages: int = 0
    deliveries: int = 0
    attempts: int = 0
    retries: int = 0
    delivered: int = 0
    failed: int = 0
    disabled: int = 0
    lose: int = 0
    duplicate: int = 0
    reorder: int = 0
    delay: int = 0
    missign: int = 0

    @property
    def pending(self) -> int:
        """Deliveries that are neither settled nor lost: they wait, or are being sent."""
        settled = self.delivered + self.failed + self.disabled + self.lose
        return self.resumed + self.deliveries - settled

    def as_dict(self) -> dict[str, object]:
        """As `/_sandbox/counts` shows it."""
        names = (
            *("resumed", "messages", "deliveries", "attempts", "retries"),
            *("delivered", "failed", "disabled", "pending"),
        )
        kinds = ("lose", "duplicate", "reorder", "delay", "missign")
        return {
            **{name: getattr(self, name) for name in names},
            "by_weakness": {kind: getattr(self, kind) for kind in kinds},
        }
