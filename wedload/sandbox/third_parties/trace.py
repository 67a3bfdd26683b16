"""The trace that a request belongs to: its caller's, or one of its own. Pure, but for chance.

Source: https://www.w3.org/TR/trace-context/, section 3.2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from secrets import token_hex

_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}"
    r"-(?P<flags>[0-9a-f]{2})(-.*)?"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """One trace; all attempts of an operation are in it, each a span of its own."""

    id: str = field(default_factory=lambda: token_hex(16))
    flags: str = "00"

    def traceparent(self) -> str:
        """The header of a new span."""
        return f"00-{self.id}-{token_hex(8)}-{self.flags}"


def trace_of(header: str | None) -> Trace:
    """The caller's trace if it sent a valid `traceparent`, else a new one."""
    found = _TRACEPARENT.fullmatch(header.strip()) if header is not None else None
    return Trace() if found is None else Trace(found["trace"], found["flags"])
