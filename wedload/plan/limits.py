"""Rate limits as a plan speaks of them: whether steps obey, and how much a target may be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from fractions import Fraction

    from wedload.plan.model import HttpDefaults, Target

#: "obey": who is told to wait does so; "probe": it goes on, as the limits themselves are tested
RateLimits = Literal["obey", "probe"]


class Limited(Protocol):
    """A step that sends requests."""

    @property
    def rate_limits(self) -> RateLimits | None:
        """What it says itself; None: what [http] says."""


def obeys_limits(step: Limited, defaults: HttpDefaults) -> bool:
    """Whether a step waits when it is told to."""
    return (step.rate_limits or defaults.rate_limits) == "obey"


def max_rate_per_s(target: Target) -> Fraction | None:
    """How many requests a second a target may be asked at most; None: any number."""
    return None if target.max_rate is None else target.max_rate.per_s(NS_PER_S)
