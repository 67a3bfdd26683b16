"""`think`: a pause, as a person makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from wedload.plan.fields import TimeDistribution  # noqa: TC001 - pydantic reads the annotations
from wedload.plan.verbs.base import Meanings, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkStep(Step):
    """A pause; never counted in a workflow's duration."""

    verb: ClassVar[str] = "think"
    placeholder: ClassVar[str] = "0s"
    meanings: ClassVar[Meanings] = {
        **Step.meanings,
        "think": ("A pause: 2s, uniform(1s, 3s), lognormal(p50=2s, p99=20s) …", None),
    }

    think: TimeDistribution

    @property
    def pause_ns(self) -> float:
        """How long it pauses on average."""
        return self.think.mean_ns
