"""Tracing: which share of requests is traced, and where the target's spans come back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from wedload.plan.fields import STRICT
from wedload.plan.parsing import Parsed
from wedload.units import parse_ratio

#: on which the parents of services' spans are told (W3C Trace Context)
HEADER: Final = "traceparent"
_EXAMPLE: Final = 'write "5%" or 0.05'


def _share(value: Any) -> float:
    """Read `5%` or 0.05; raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is not a share of requests; {_EXAMPLE}")  # noqa: TRY004 - pydantic collects ValueErrors
    share = parse_ratio(value) if isinstance(value, str) else float(value)
    if not 0 < share <= 1:
        raise ValueError(f"{value!r} is no share; it must be more than 0 % and at most 100 %")
    return share


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracing:
    """Requests that are traced, and the receiver of the spans that they cause."""

    __pydantic_config__: ClassVar = STRICT
    share: Annotated[float, Parsed(_share, (("type", ("number", "string")),))] = 0.05
    listen: str = "127.0.0.1:0"
    expose: bool = False  # whether that may be where other machines reach it
    max_spans: int = 100_000  # held at the same time
    server_timing: bool = True  # whether `Server-Timing` of traced responses is read
