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
MUCH: Final = 0.01
#: a rate was not reached if more of its iterations than this ended too late …
_LATE: Final = 0.02
#: … which is this share of the load, or a second: so many were still to come at its end
_LATE_SHARE: Final = 0.02
_LATE_NS: Final = NS_PER_S
#: share of their time that virtual users are held back for where that is why they are late …
_CAUSE: Final = 0.1
#: … and where, being as many as the plan says, they send less for it
_LESS: Final = 0.02
#: share of a highest rate of which nothing is left to speak of
_USED: Final = 0.95
#: turns of a load process that a request does not wait for where the rate is enough for all
_MOST_TURNS: Final = 2


@dataclass(frozen=True, slots=True)
class Cap:
    """A target's highest rate, and who shares it."""

    per_s: float
    processes: int
    arrivals: bool  # whether the plan asks for a rate, which it may keep from being reached

    @property
    def turn_ns(self) -> float:
        """How long it takes until a load process has its next turn."""
        return self.processes / self.per_s * NS_PER_S


def bound_by(summary: Summary, cap: Cap | None, load_s: float) -> bool:
    """Whether a highest rate kept the load from what was asked for."""
    held = summary.trend("max_rate_wait")
    if cap is None or not held.count:
        return False
    share = held.sum_ns / max(summary.trend("iteration_duration").sum_ns, held.sum_ns)
    if not cap.arrivals:
        if share <= _LESS:
            return False
        all_used = summary.count("http_reqs") >= _USED * cap.per_s * load_s
        waited_ns = held.sum_ns / held.count
        return all_used or waited_ns > _MOST_TURNS * cap.turn_ns + NS_PER_MS
    late_ns = max(_LATE_NS, _LATE_SHARE * load_s * NS_PER_S)
    delay, lateness = (
        summary.trend(metric).quantile_ns(1 - _LATE)
        for metric in ("max_rate_delay", "iteration_lateness")
    )
    return delay > late_ns or (lateness > late_ns and share > _CAUSE)


def limit_findings(
    summary: Summary, cap: Cap | None, load_s: float, *, aborted: bool = False
) -> Iterable[Finding]:
    """That a target limited the load, or that its highest rate did.

    Of a load that was `aborted` nobody expects what was asked for.
    """
    limited = summary.rate("http_req_limited")
    if limited.total and limited.ratio > MUCH:
        yield _limited(format_ratio(limited.ratio), obeyed=summary.count("rate_limit_waits") > 0)
    if cap is not None and bound_by(summary, cap, load_s):
        yield _capped(summary, cap, aborted=aborted)


def _limited(share: str, *, obeyed: bool) -> Finding:
    did = "virtual users waited, as they were told" if obeyed else "nobody waited, as the plan says"
    return Finding(
        "rate-limited",
        f"The target limited {share} of the requests, and {did}: the figures are those of a "
        "limited target, not of what it could take. To measure that, have the limits of the test "
        "environment raised; or lower the load to what they allow.",
        invalidates=False,
    )


def _capped(summary: Summary, cap: Cap, *, aborted: bool) -> Finding:
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
            invalidates=not aborted,
        )
    return Finding(
        "max-rate",
        f"{begin}so its virtual users sent less than they would have; the figures are those of "
        "this rate. Fewer virtual users or a pace would ask for no more than it allows.",
        invalidates=False,
    )
