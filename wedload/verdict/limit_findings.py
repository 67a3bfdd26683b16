"""What rate limits, and a target's own highest rate, made of a run's figures. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.units import NS_PER_MS, NS_PER_S, format_ms, format_per_s, format_ratio
from wedload.verdict.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.metrics.summary import Summary

#: share of the requests above which a target is a limited one
_MUCH: Final = 0.01
#: a rate was not reached if more of its requests than this were held back for long …
_LATE: Final = 0.02
#: … which is so many turns of a load process, or a second if those are quick
_LONG_TURNS: Final = 10
_LONG_NS: Final = NS_PER_S


@dataclass(frozen=True, slots=True)
class Cap:
    """A target's highest rate, and who shares it."""

    per_s: float
    processes: int
    arrivals: bool  # whether the plan asks for a rate, which it may keep from being reached

    @property
    def long_ns(self) -> float:
        """What a request does not wait for its turn where the rate is enough."""
        return max(_LONG_NS, _LONG_TURNS * self.processes / self.per_s * NS_PER_S)


def bound_by(summary: Summary, cap: Cap | None) -> bool:
    """Whether a highest rate kept the load from what was asked for."""
    if cap is None:
        return False
    held = summary.trend("max_rate_wait")
    return held.count > 0 and held.quantile_ns(1 - _LATE) > cap.long_ns


def limit_findings(summary: Summary, cap: Cap | None) -> Iterable[Finding]:
    """That a target limited the load, or that its highest rate did."""
    limited = summary.rate("http_req_limited")
    if limited.total and limited.ratio > _MUCH:
        yield _limited(format_ratio(limited.ratio), obeyed=summary.count("rate_limit_waits") > 0)
    if cap is not None and bound_by(summary, cap):
        yield _capped(summary, cap)


def _limited(share: str, *, obeyed: bool) -> Finding:
    did = "virtual users waited, as they were told" if obeyed else "nobody waited, as the plan says"
    return Finding(
        "rate-limited",
        f"The target limited {share} of the requests, and {did}: the figures are those of a "
        "limited target, not of what it could take. To measure that, have the limits of the test "
        "environment raised; or lower the load to what they allow.",
        invalidates=False,
    )


def _capped(summary: Summary, cap: Cap) -> Finding:
    held = summary.trend("max_rate_wait")
    total = format_ms(held.sum_ns / NS_PER_MS)
    longest = format_ms(held.max_ns / NS_PER_MS)
    begin = (
        f"The target's max_rate of {format_per_s(cap.per_s)} held requests back, for {total} in "
        f"all and up to {longest} each, "
    )
    if cap.arrivals:
        return Finding(
            "max-rate",
            f"{begin}so the rate that the plan asks for was not reached; lower that rate, or have "
            "whoever owns the target raise max_rate.",
        )
    return Finding(
        "max-rate",
        f"{begin}so its virtual users sent less than they would have; the figures are those of "
        "this rate. Fewer virtual users or a pace would ask for no more than it allows.",
        invalidates=False,
    )
