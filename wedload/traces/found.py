"""What is known of a run's traces when it is over."""

from __future__ import annotations

from dataclasses import dataclass, field

from wedload.traces.held import Account
from wedload.traces.timings import Timings
from wedload.traces.totals import Totals


@dataclass(slots=True)
class FoundTraces:
    """All that came back of the requests that were traced."""

    share: float  # of requests, that was to be traced
    endpoint: str  # where spans were received
    requests: int = 0  # that were traced
    account: Account = field(default_factory=Account)
    totals: Totals = field(default_factory=Totals)
    timings: Timings = field(default_factory=Timings)
    exports: int = 0
    turned_away: int = 0
    not_understood: int = 0
    lost: str | None = None  # why nothing is known of spans: their receiver is gone
