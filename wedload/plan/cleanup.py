"""`[cleanup]`: how what a run has created is deleted, beside what its steps say for themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wedload.plan.fields import (
    STRICT,
    ExpressionField,
    PositiveDurationNs,
    RequestLineField,
)
from wedload.units import NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleanup:
    """Clean-up as a whole: the request that sweeps a run away, and how patient it is."""

    __pydantic_config__: ClassVar = STRICT
    sweep: RequestLineField | None = None
    as_: str | None = None  # written `as`: who sweeps
    count: ExpressionField | None = None  # over the answer to `sweep`: how much it deleted
    timeout: PositiveDurationNs = 10 * NS_PER_S  # of each request of clean-up

    @property
    def sweeps(self) -> bool:
        """Whether there is a sweep."""
        return self.sweep is not None
