"""What a result says of rate limits, as a type."""

from __future__ import annotations

from pydantic import Field

from wedload.results.part import Count, Part, Share


class RateLimits(Part):
    """How much of the load was limited by the target, and by its highest rate."""

    limited: Count = Field(
        description="requests and handshakes answered by 429, or by 503 with Retry-After"
    )
    requests: Count = Field(description="all requests, and handshakes that opened or were limited")
    ratio: Share | None = Field(description="limited / requests; null: there were none")
    waits: Count = Field(description="times a virtual user was told to wait, and obeyed")
    waited_s: float = Field(description="how long virtual users held back for that, together")
    vu_share: Share | None = Field(description="of the time of all virtual users; null: none ran")
    max_rate_per_s: float | None = Field(
        default=None, description="requests that the target gets at most; null: any number"
    )
    held_back: Count = Field(default=0, description="requests that waited for their turn under it")
    held_back_s: float = Field(default=0.0, description="how long these waited, together")
