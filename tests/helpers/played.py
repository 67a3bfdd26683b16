"""Simulated third parties without a network: asked, and read."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from wedload.simulators.request import Request

if TYPE_CHECKING:
    from wedload.simulators.service import Call, Reply, Service

BEARER = {"authorization": "Bearer a-token"}
#: an e-mail that Resend takes
EMAIL = {
    "from": "Studio <studio@supplier.example>",
    "to": ["couple@example.com"],
    "subject": "Your consultation",
    "html": "<p>See you</p>",
}


def request_of(
    line: str,
    body: Any = b"",
    headers: dict[str, str] | None = None,
    *,
    arrived_ns: int = 0,
) -> Request:
    """A request; a body that is no bytes is JSON."""
    method, _, target = line.partition(" ")
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    return Request(method, target, headers or {}, data, arrived_ns=arrived_ns)


@dataclass
class Client:
    """Asks one service, with a token."""

    service: Service
    headers: dict[str, str] = field(default_factory=lambda: dict(BEARER))
    now_ns: int = 0
    takes_ns: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def call(self, line: str, body: Any = b"", **headers: str) -> Call:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.service.call(request_of(line, body, {**self.headers, **named}))

    def reply(self, line: str, body: Any = b"", **headers: str) -> Reply:
        call = self.call(line, body, **headers)
        ready_ns = self.now_ns + self.takes_ns
        return self.service.answer(call, self.now_ns, ready_ns, self.rng)

    def ask(self, line: str, body: Any = b"", **headers: str) -> tuple[int, Any]:
        """Status and content of an answer."""
        reply = self.reply(line, body, **headers)
        return reply.status, orjson.loads(reply.body) if reply.body else None
