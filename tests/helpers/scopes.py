"""What a virtual user would give to expressions: values that are known."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any


@dataclass
class KnownScope:
    """A scope of expressions; each feeder of `rows` has one row."""

    variables: dict[str, Any] = field(default_factory=dict)
    vu: int = 7
    iteration: int = 2
    scenario: str = "main"
    stage: str = "peak"
    env: dict[str, str] = field(default_factory=lambda: {"WEDLOAD_KEY": "k-1"})
    secrets: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    synthetic: Any = None
    response: Any = None
    rows: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {"venues": {"name": "Old Barn", "guests": "80"}}
    )

    def row(self, feeder: str) -> dict[str, Any]:
        """The next row of a feeder."""
        return self.rows[feeder]
