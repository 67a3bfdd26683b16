"""How many samples a figure needs, and how far a rate can be trusted. Pure.

Source: order statistics (the p-quantile's upper bound at confidence 1 - a is covered by the
maximum if n >= ln a / ln p); Clopper & Pearson, Biometrika 26 (1934).
"""

from __future__ import annotations

import math
from typing import Final

_DOUBT: Final = 0.05


def samples_for_quantile(q: float) -> int:
    """Fewest samples for which a quantile (0-1) is covered at 95 %: 59 for p95, 2,995 for p99.9."""
    return math.ceil(math.log(_DOUBT) / math.log(max(q, 1 - q)) - 1e-9)


def samples_to_prove(share: float) -> int:
    """Fewest samples, all of them good, that prove a share (0-1) at 95 %: 2,995 for 99.9 %.

    None prove all: 1 for a share of 1.
    """
    if not 0 < share < 1:
        return 1
    return math.ceil(math.log(_DOUBT) / math.log(share) - 1e-9)


def rate_bound(yes: int, total: int, *, upper: bool) -> float:
    """The one-sided 95 % Clopper-Pearson bound of a rate, by bisection on the binomial tail.

    `upper`: the bound above the observed rate, else the one below it. NaN if total is 0.
    """
    if total == 0:
        return math.nan
    if upper:
        return 1.0 if yes == total else 1 - _lower_bound(total - yes, total)
    return 0.0 if yes == 0 else _lower_bound(yes, total)


def proves_above(yes: int, total: int, share: float, doubt: float = _DOUBT) -> bool:
    """Whether `yes` of `total` prove a rate above `share`: its lower bound at 1 - `doubt` is.

    The one-sided Clopper-Pearson bound, asked without looking for it: P(X >= yes | share) < doubt.
    """
    if not yes or yes <= share * total:
        return False
    return share <= 0 or _tail(yes, total, share) < doubt


def _lower_bound(yes: int, total: int) -> float:
    """The p at which P(X >= yes) is 5 %."""
    if yes == total:
        return float(_DOUBT ** (1 / total))
    low, high = 0.0, yes / total
    for _ in range(60):
        middle = (low + high) / 2
        if _tail(yes, total, middle) < _DOUBT:
            low = middle
        else:
            high = middle
    return low


def _tail(yes: int, total: int, p: float) -> float:
    """P(X >= yes) for X binomial(total, p), p below yes/total; terms fall geometrically."""
    if p <= 0:
        return 0.0
    log_term = (
        math.lgamma(total + 1) - math.lgamma(yes + 1) - math.lgamma(total - yes + 1)
        + yes * math.log(p) + (total - yes) * math.log1p(-p)
    )  # fmt: skip
    term = math.exp(log_term)
    tail, odds = 0.0, p / (1 - p)
    for k in range(yes, total + 1):
        tail += term
        term *= (total - k) / (k + 1) * odds
        if term <= tail * 1e-15:  # also where the first term is too small for a float
            break
    return tail
