"""How much of a run was limited, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.units import counted, format_ms, format_per_s, format_ratio
from wedload.verdict.limit_findings import MUCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.metrics.summary import Summary
    from wedload.results.limits_model import RateLimits


def limit_words(limits: RateLimits | None) -> Iterator[str]:
    """A sentence without its full stop for each thing there is to say; mostly there is none."""
    if limits is None:
        return
    if limits.limited:
        of = f"{limits.limited:,} of {limits.requests:,} requests were limited"
        yield f"{of} ({format_ratio(limits.ratio)}); {_waited(limits)}"
    if limits.max_rate_per_s is not None and limits.held_back:
        yield (
            f"max_rate {format_per_s(limits.max_rate_per_s)} held "
            f"{counted(limits.held_back, 'request')} back, for {_long(limits.held_back_s)} in all, "
            "which is in no request's duration"
        )


def limited_words(summary: Summary) -> str:
    """That a run under way is limited, if more than a few of its requests are."""
    found = summary.rate("http_req_limited")
    if not found.total or found.ratio <= MUCH:
        return ""
    return f"{format_ratio(found.ratio)} of requests are limited by the target"


def _waited(limits: RateLimits) -> str:
    if not limits.waits:
        return "nobody waited for it, as the plan probes limits"
    if not limits.waited_s:
        return "VUs were told to wait, and wanted nothing before"
    share = ""
    if limits.vu_share is not None:
        share = f" ({format_ratio(limits.vu_share)} of their time)"
    return f"VUs waited {_long(limits.waited_s)}{share} for it, as they were told"


def _long(seconds: float) -> str:
    return format_ms(seconds * 1000)
