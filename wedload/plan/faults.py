"""Faults as a plan writes them: on what, when, and what goes wrong there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal

# pydantic reads the annotations
from wedload.plan.fields import (
    STRICT,
    DurationNs,
    PositiveDurationNs,
    SizeBytes,
    parse_size_bytes,
)
from wedload.plan.latency import LatencyField  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.parsing import Parsed, each, flag, positive_duration, text_in

Direction = Literal["up", "down", "both"]


def _given(value: Any) -> bool:
    return value is not None and value is not False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slicer:
    """Data in small pieces: `{ size = "64B", vary = "16B", delay = "10ms" }`."""

    __pydantic_config__: ClassVar = STRICT
    size: SizeBytes
    vary: SizeBytes = 0
    delay: DurationNs = 0  # between two pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Bandwidth:
    """So many bytes a second."""

    bytes_per_s: int


def _bandwidth(value: Any) -> Bandwidth:
    text = text_in(value)
    size, slash, unit = text.partition("/")
    if slash != "/" or unit.strip() != "s":
        raise ValueError(f'{text!r} is no bandwidth; write "100kB/s"')
    found = parse_size_bytes(size)
    if found < 1:
        raise ValueError(f"{text!r} lets nothing through; write timeout = true for that")
    return Bandwidth(bytes_per_s=found)


def _names(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return each(enumerate(value), lambda _, item: text_in(item))
    return (text_in(value),)


_NAMES_SCHEMA: Final = (("type", ("string", "array")), ("items", {"type": "string"}))


def _instant(value: Any) -> int | bool:
    """A duration, or whether at all: `true` is at once."""
    return flag(value) if isinstance(value, bool) else positive_duration(value)


InstantField = Annotated[int | bool, Parsed(_instant, (("type", ("string", "boolean")),))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong for a while; several things of it go wrong together.

    `down`, `status`, `empty` and `malformed` are about whole requests or connections, the others
    about the bytes of a connection. `at` and what ends it count from the begin of the load.
    """

    __pydantic_config__: ClassVar = STRICT
    name: str
    on: Annotated[tuple[str, ...], Parsed(_names, _NAMES_SCHEMA)]
    at: DurationNs
    for_: PositiveDurationNs  # written `for`
    # what goes wrong
    down: bool = False
    latency: LatencyField | None = None
    jitter: DurationNs | None = None  # more or less than `latency`, uniformly
    status: int | None = None
    retry_after: DurationNs | None = None  # told with `status`
    reset: InstantField | None = None  # a TCP reset; a duration: so long after the first data
    timeout: InstantField | None = None  # nothing comes through; a duration: then it is closed
    bandwidth: Annotated[Bandwidth, Parsed(_bandwidth)] | None = None
    slow_close: PositiveDurationNs | None = None  # the end of a connection comes so much later
    slicer: Slicer | None = None
    limit_data: SizeBytes | None = None  # a connection ends after so many bytes
    empty: bool = False  # the connection is closed instead of an answer
    malformed: Literal["chunk", "random"] | None = None  # an answer that is none
    # where and how often
    direction: Direction = "down"  # from the service to its client
    toxicity: float = 1.0  # share of the connections, or of the requests, that suffer it

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which of `KINDS` it has, in their order; `false` is none."""
        return tuple(kind for kind in KINDS if _given(getattr(self, kind)))

    @property
    def until(self) -> int:
        """When it is over, ns from the begin of the load."""
        return self.at + self.for_


#: keys that say what goes wrong
KINDS: Final = (
    "down", "latency", "jitter", "status", "reset", "timeout", "bandwidth", "slow_close", "slicer",
    "limit_data", "empty", "malformed",
)  # fmt: skip
#: those of them that take the place of an answer: only what knows requests can suffer them
OF_ANSWERS: Final = ("status", "empty", "malformed")
#: those that are about the bytes of a connection, in a `direction`
OF_BYTES: Final = tuple(kind for kind in KINDS if kind not in {"down", *OF_ANSWERS})
_OF_SERVICES: Final = ("down", "latency", "jitter")
#: what of the embedded sandbox can suffer faults -> which of `KINDS`
SANDBOX_SERVICES: Final = {
    "sandbox.api": (*_OF_SERVICES, "status"),
    "sandbox.database": _OF_SERVICES,
    "sandbox.webhooks": _OF_SERVICES,
    "sandbox.realtime": _OF_SERVICES,
}
