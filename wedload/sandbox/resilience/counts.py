"""What was done with one third party since the start. Knows neither."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Counts:
    """Operations and what became of them; only those that the breaker let pass make attempts."""

    operations: int = 0
    attempts: int = 0
    retries: int = 0
    succeeded: int = 0
    failed: int = 0  # after at least one attempt
    refused_by_budget: int = 0  # retries that there was no budget for
    breaker_opened: int = 0
    breaker_refused: int = 0
    deadline_exceeded: int = 0
    retry_after_too_long: int = 0  # came back no more, as it would have been too late
    fallbacks: int = 0

    def as_dict(self) -> dict[str, int]:
        """By name."""
        return asdict(self)
