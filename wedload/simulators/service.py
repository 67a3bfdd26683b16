"""The port of a simulated service: a pure function of requests, instants and a seeded generator.

A service knows the shapes of its API, and what it was told before. It knows no socket, no latency,
no quota and no fault: whoever serves it decides about those, and asks it for the words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import orjson

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    import random

    from wedload.plan.latency import Latency
    from wedload.simulators.attempt import AttemptOutcome
    from wedload.simulators.quota import Allowance
    from wedload.simulators.request import Request

Headers = tuple[tuple[str, str], ...]
#: which quota a request is over: that of all requests, or that of its user
QuotaScope = Literal["all", "user"]
#: the endpoint of what the API does not have: one name, however many there are
OTHER: Final = "other"
JSON: Final = "application/json; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and what it says of the request."""

    status: int
    body: bytes = b""
    headers: Headers = ()
    outcome: AttemptOutcome = "ok"
    done: bool = False  # it was carried out, now
    retry_after_ns: int | None = None  # that the client is told to wait

    def with_headers(self, *more: tuple[str, str]) -> Reply:
        """The same with more headers."""
        return replace(self, headers=self.headers + more)


@dataclass(frozen=True, slots=True)
class Call:
    """What a request asks for, before anything is done."""

    request: Request
    endpoint: str
    key: str = ""  # of its operation, by what the API itself has; empty: it has nothing
    user: str = ""  # whose quota it counts against, where users have one
    latency: Latency | None = None  # of this endpoint; None: the dependency's
    known: bool = field(default=True)  # whether the API has such an endpoint
    reads: bool = False  # it changes nothing, however often it comes


class Service(Protocol):
    """A third party without its network."""

    #: whether a refusal over a quota tells when to come back, unless the plan says otherwise
    tells_retry_after: bool
    #: what a refusal over a quota has as its status, unless the plan says otherwise
    quota_status: int

    def call(self, request: Request) -> Call:
        """What a request asks for; changes nothing."""

    def answer(self, call: Call, now_ns: int, ready_ns: int, rng: random.Random) -> Reply:
        """Carry a request out, now; the client will have the answer at `ready_ns`."""

    def over_quota(self, scope: QuotaScope, status: int) -> Reply:
        """The refusal of a request that is over a quota, without what headers say of it."""

    def failed(self, status: int) -> Reply:
        """The answer of a service that fails: `status` is an error, 4xx or 5xx."""

    def quota_headers(self, allowance: Allowance, now_ns: int) -> Headers:
        """What answers tell of the quota, refusals and others."""

    def counts(self) -> dict[str, int]:
        """How many things it keeps, and how many it had to forget, by name."""


def json_reply(status: int, content: Any, *headers: tuple[str, str], **more: Any) -> Reply:
    """A reply with a body of JSON; `more` as in `Reply`."""
    body = orjson.dumps(content)
    return Reply(status, body, (("Content-Type", JSON), *headers), **more)


def wrong(status: int, content: Any) -> Reply:
    """A reply to what cannot be done."""
    return json_reply(status, content, outcome="wrong")


def whole_seconds(duration_ns: int) -> int:
    """As Retry-After says it: rounded up, so that nobody comes back too early (RFC 9110)."""
    return -(-duration_ns // NS_PER_S)


def told_to_wait(reply: Reply, wait_ns: int) -> Reply:
    """A reply with Retry-After, of a second at least: 0 would tell nobody to wait."""
    seconds = max(1, whole_seconds(wait_ns))
    told = reply.with_headers(("Retry-After", str(seconds)))
    return replace(told, retry_after_ns=seconds * NS_PER_S)
