"""What a proxy counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Counts:
    """Since it was opened; connections that nobody accepted, as it was down, are not known."""

    connections: int = 0  # accepted, those that were refused then included
    refused: int = 0  # reset as soon as they were accepted: it was down for them, or crowded
    resets: int = 0  # ended by a reset while they lasted, whoever began it
    upstream_failures: int = 0  # nobody was there to connect them to
    bytes_up: int = 0  # passed on, from clients to the service
    bytes_down: int = 0
    by_fault: Counter[str] = field(default_factory=Counter)  # connections that suffered it

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(
            self.connections + other.connections, self.refused + other.refused,
            self.resets + other.resets, self.upstream_failures + other.upstream_failures,
            self.bytes_up + other.bytes_up, self.bytes_down + other.bytes_down,
            self.by_fault + other.by_fault,
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "connections": self.connections, "refused": self.refused, "resets": self.resets,
            "upstream_failures": self.upstream_failures, "bytes_up": self.bytes_up,
            "bytes_down": self.bytes_down, "by_fault": dict(sorted(self.by_fault.items())),
        }  # fmt: skip
