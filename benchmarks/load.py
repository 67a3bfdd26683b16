"""The load that a tool is asked for, and what it says it has done. Knows no tool."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

Flow = Literal["plain", "workflow", "large"]


@dataclass(frozen=True, slots=True)
class Load:
    """Who comes, when, and what they do: the same for every tool."""

    base_url: str
    seconds: float  # of load; of a ramping load: the sum of its stages
    vus: int = 64  # with `rate_per_s`: at most
    flow: Flow = "plain"
    stages: tuple[tuple[float, int], ...] = ()  # (seconds, virtual users at the end); else constant
    start_vus: int = 0
    rate_per_s: int | None = None  # iterations started a second, whatever the server does
    pace_s: float | None = None  # a virtual user starts an iteration at most every so often
    ca: Path | None = None  # of the server's certificate
    http2: bool = False  # instead of HTTP/1.1; a virtual user keeps a connection of its own


class UnableError(Exception):
    """A load that a tool has no means for; the text says which."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run for a load."""

    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tool says of one run. Percentiles are of its own request duration, in ms."""

    requests: int
    errors: int
    load_s: float
    iterations: int | None = None
    dropped: int | None = None  # iterations that were due and never started
    checks_failed: int | None = None
    percentiles_ms: dict[str, float] = field(default_factory=dict)
    corrected_ms: dict[str, float] = field(default_factory=dict)  # from the instant it was due
    iteration_ms: float | None = None  # mean

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)
