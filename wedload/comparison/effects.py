"""Between the scale that differences are estimated on and the one that people read. Pure.

Estimated are effects, positive if `current` is worse: logarithms of ratios for durations and
throughput, differences for shares (see wedload.statistics.model). Read are changes: +18 %, and
points of percentage for shares.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from wedload.comparison.asked import Asked
    from wedload.comparison.model import Settings
    from wedload.statistics.model import Estimate, TooShort


def margin_of(asked: Asked, base: float, settings: Settings) -> float:
    """The change for the worse that is let pass, > 0; `base` in ns for durations.

    A duration may grow by the margin, and by the floor in any case: 0.2 ms more are +20 % of 1 ms,
    and nothing that anybody would notice.
    """
    match asked.kind:
        case "share" | "drops":
            return settings.share_margin
        case "trend":
            floor = settings.floor_ms * NS_PER_MS / base if base > 0 else math.inf
            return max(settings.margin, floor)
        case _:
            return settings.margin


def margin_as_effect(asked: Asked, margin: float) -> float:
    """The same on the scale of effects."""
    match asked.kind:
        case "share" | "drops":
            return margin
        case "throughput" if asked.worse == "lower":
            return -math.log1p(-margin)
        case _:
            return math.log1p(margin)


def change_of(asked: Asked, effect: float) -> float:
    """What an effect is as a change of the value that is shown."""
    signed = effect if asked.worse == "higher" else -effect
    if asked.unit == "ratio":
        return signed
    return math.expm1(min(signed, 700.0))  # e**710 is no float


def interval_of(asked: Asked, low: float, high: float) -> tuple[float, float]:
    """Bounds of an effect as bounds of the change, ascending."""
    one, other = change_of(asked, low), change_of(asked, high)
    return min(one, other), max(one, other)


def values_of(asked: Asked, found: Estimate | TooShort) -> tuple[float, float]:
    """Base and current in the unit that is shown."""
    match asked.kind:
        case "trend":
            return found.base / NS_PER_MS, found.current / NS_PER_MS
        case "share" if asked.worse == "lower":  # estimated was the share of its opposite
            return 1 - found.base, 1 - found.current
        case _:
            return found.base, found.current
