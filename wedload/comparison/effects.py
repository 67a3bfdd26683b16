"""Between the scale that differences are estimated on and the one that people read. Pure.

Estimated are effects, positive if `current` is worse: logarithms of ratios for durations and
throughput, differences for shares (see wedload.statistics.model). Read are changes: +18 %, and
points of percentage for shares.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from wedload.plan.metric_table import METRICS
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from wedload.comparison.model import Settings
    from wedload.comparison.row_spec import RowSpec
    from wedload.statistics.model import Estimate, TooShort

_PROMISED: Final = 5  # times less than of other shares: a tenth of a point instead of half of one


def margin_of(spec: RowSpec, base: float, settings: Settings) -> float:
    """The change for the worse that is let pass, > 0; `base` in ns for durations.

    A duration may grow by the margin, and by the floor in any case: 0.2 ms more are +20 % of 1 ms,
    and nothing that anybody would notice.
    """
    match spec.kind:
        case "share" | "drops":
            return share_margin(spec, settings)
        case "trend":
            floor = settings.floor_ms * NS_PER_MS / base if base > 0 else math.inf
            return max(settings.margin, floor)
        case _:
            return settings.margin


def share_margin(spec: RowSpec, settings: Settings) -> float:
    """By how much a share may get worse; one that is promised to the last tenth of a percent less.

    Half a point is nothing that users notice of failed requests. Of messages it is five times all
    that a promise of 99.9 % lets be lost.
    """
    metric = METRICS.get(spec.metric)
    promised = metric is not None and metric.proven
    return settings.share_margin / _PROMISED if promised else settings.share_margin


def margin_as_effect(spec: RowSpec, margin: float) -> float:
    """The same on the scale of effects."""
    match spec.kind:
        case "share" | "drops":
            return margin
        case "throughput" if spec.worse == "lower":
            return -math.log1p(-margin)
        case _:
            return math.log1p(margin)


def change_of(spec: RowSpec, effect: float) -> float:
    """What an effect is as a change of the value that is shown."""
    signed = effect if spec.worse == "higher" else -effect
    if spec.unit == "ratio":
        return signed
    return math.expm1(min(signed, 700.0))  # e**710 is no float


def interval_of(spec: RowSpec, low: float, high: float) -> tuple[float, float]:
    """Bounds of an effect as bounds of the change, ascending."""
    one, other = change_of(spec, low), change_of(spec, high)
    return min(one, other), max(one, other)


def values_of(spec: RowSpec, found: Estimate | TooShort) -> tuple[float, float]:
    """Base and current in the unit that is shown."""
    match spec.kind:
        case "trend":
            return found.base / NS_PER_MS, found.current / NS_PER_MS
        case "share" if spec.worse == "lower":  # estimated was the share of its opposite
            return 1 - found.base, 1 - found.current
        case _:
            return found.base, found.current
