"""Rate limits as a plan speaks of them: whether steps obey, and how much a target may be asked."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Literal, Protocol

from wedload.plan.rate import Rate
from wedload.units import NS_PER_S

if TYPE_CHECKING:
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


def lower_rate(per_s: float | None, owners: Fraction | None) -> float | None:
    """The lower of what a plan says and what the owner of its target allows; None: no limit."""
    if owners is None:
        return per_s
    return float(owners) if per_s is None else min(per_s, float(owners))


def joins_within(joins: Rate, most_per_s: float | None, channels: int) -> Rate:
    """How fast subscribers of one of so many channels may join, all at the same time.

    None of the load is sent then: it is all theirs.
    """
    if most_per_s is None:
        return joins
    share = Fraction(most_per_s) / max(channels, 1)
    asked = joins.per_s(NS_PER_S)
    return Rate(min(asked, share) if asked else share, NS_PER_S)  # 0: as fast as can be
