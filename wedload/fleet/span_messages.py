"""What the coordinator and the process that receives spans say to each other.

There is one if requests are traced::

    coordinator        receiver of spans
    OpenSpans    →
                 ←     SpansOpened     (before the target is started, which is told of it)
    SettleSpans  →                     (after the load)
    Settle       →                     (if somebody wants to stop: wait no longer than this)
                 ←     SpansSettled
    Quit         →

Or `Failed`, or `Cannot` in place of an answer; the others are in wedload.fleet.messages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wedload.traces.held import Account
    from wedload.traces.totals import Totals


@dataclass(frozen=True, slots=True)
class OpenSpans:
    """Receive the spans of a run, at an address; `most` are held at the same time."""

    run_id: str
    host: str
    port: int
    expose: bool
    most: int


@dataclass(frozen=True, slots=True)
class SpansOpened:
    """They are received at a URL, to which exporters add `/v1/traces`."""

    endpoint: str


@dataclass(frozen=True, slots=True)
class SettleSpans:
    """The load is over: wait for late spans, so long at most."""

    requests: int  # that were traced: more will not come
    patience_s: float


@dataclass(frozen=True, slots=True)
class SpansSettled:
    """All that came, reduced."""

    account: Account
    totals: Totals
    exports: int  # requests of exporters
    turned_away: int  # of these, those that were told to come back later
    not_understood: int  # … and those that were no exports
