"""How much of a run was limited, as its result has it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.results.limits_model import RateLimits
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from wedload.results.run import Run


def limits_of(run: Run) -> RateLimits:
    """The limits that a run met with."""
    summary, timeline = run.summary, run.timeline
    of_sockets = summary.count("ws_limited")
    limited = summary.count("http_limited") + of_sockets
    requests = summary.count("http_reqs") + summary.count("ws_connections") + of_sockets
    waited, held = summary.trend("rate_limit_wait"), summary.trend("max_rate_wait")
    # neither knows all: of those who were cut off in mid-iteration, and of the last second in part
    active_s = sum(timeline.vus_at(at).total() for at in range(timeline.newest + 1))
    users_s = max(active_s, summary.trend("iteration_duration").sum_ns / NS_PER_S)
    return RateLimits(
        limited=limited,
        requests=requests,
        ratio=round(limited / requests, 4) if requests else None,
        waits=summary.count("rate_limit_waits"),
        waited_s=round(waited.sum_ns / NS_PER_S, 3),
        vu_share=min(round(waited.sum_ns / NS_PER_S / users_s, 4), 1.0) if users_s else None,
        max_rate_per_s=run.info.max_rate_per_s,
        held_back=held.count,
        held_back_s=round(held.sum_ns / NS_PER_S, 3),
    )
