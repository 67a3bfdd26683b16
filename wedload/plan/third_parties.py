"""Third parties that wedload plays: what each is, how fast, what it allows, how often it fails."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal

# pydantic reads the annotations
from wedload.plan.fields import (
    STRICT,
    AnswerHeaders,
    DurationNs,
    ExpressionField,
    JsonField,
    PositiveDurationNs,
    RequestLineField,
)
from wedload.plan.latency import LatencyField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.parsing import OneOrMany, Parsed, text_in
from wedload.units import NS_PER_S, parse_rate

Simulate = Literal["google-calendar", "email", "http"]
Provider = Literal["resend", "sendgrid", "postmark"]


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests within any stretch of so long: `600/1m`."""

    requests: int
    per_ns: int

    @staticmethod
    def parse(value: Any) -> Quota:
        """Read `600/1m`, `5/s`; raises ValueError."""
        text = text_in(value)
        if re.match(r"\s*[0-9]+\s*/", text) is None:
            raise ValueError(
                f'{text!r} is no quota; write "600/1m": a whole number, and in how long'
            )
        requests, per_ns = parse_rate(text)
        if requests < 1:
            raise ValueError(f"{text!r} allows nothing; a fault with down = true does that")
        return Quota(int(requests), per_ns or NS_PER_S)


QuotaField = Annotated[Quota, Parsed(Quota.parse)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """A share of requests that gets an error instead of what it asks for."""

    __pydantic_config__: ClassVar = STRICT
    ratio: float
    status: int = 503
    retry_after: DurationNs | None = None  # None: not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An endpoint of a generic HTTP service: what it is asked, and what it answers."""

    __pydantic_config__: ClassVar = STRICT
    http: RequestLineField  # `POST /v1/charges/*`: * stands for one segment
    status: int = 200
    headers: AnswerHeaders = ()
    json: JsonField | None = None  # a template over the request: ${json.amount}
    latency: LatencyField | None = None  # None: the dependency's


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How the platform is to retry: what it does is held against it."""

    __pydantic_config__: ClassVar = STRICT
    attempts: int | None = None  # of an operation, at most
    gap: PositiveDurationNs | None = None  # at least, from an attempt's end to the next
    within: PositiveDurationNs | None = None  # from the first attempt to the end of the last


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A third party that wedload plays, in a process of its own."""

    __pydantic_config__: ClassVar = STRICT
    simulate: Simulate
    listen: str = "127.0.0.1:0"
    expose: bool = False  # whether that may be where other machines reach it
    provider: Provider = "resend"  # whose shape an `email` has
    latency: LatencyField | None = None  # None: as fast as it can
    quota: QuotaField | None = None  # of all requests
    user_quota: QuotaField | None = None  # of each user: google-calendar
    quota_status: Literal[403, 429] | None = None  # None: the service's own way
    retry_after: bool | None = None  # with a refusal; None: the service's own way
    errors: Annotated[tuple[Errors, ...], OneOrMany()] = ()
    routes: tuple[Route, ...] = ()  # http
    operation: ExpressionField | None = None  # over a request; None: traceparent, key, id
    policy: Policy | None = None
    log: str | None = None  # a file that gets a line of JSON for each request


#: what `operation` may read of a request
REQUEST_NAMES: Final = frozenset({"body", "headers", "json", "text"})
