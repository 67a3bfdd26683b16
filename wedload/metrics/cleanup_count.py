"""How clean-up went, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class CleanupCount:
    """What a run created and what became of it."""

    created: int = 0
    deleted: int = 0
    leaked: int = 0
    #: why something is still there, with how often
    reasons: dict[str, int] = field(default_factory=dict)
