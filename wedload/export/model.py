"""The figures of a run at an instant, ready to be sent; knows of no format and no network.

Names and units follow Prometheus' conventions: base units (seconds, bytes, ratios), counters that
end in `_total`. All figures are cumulative since the start of the load, so that what was not sent
is in what is sent next.

Source: https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from wedload.metrics.histogram import Histogram

FamilyKind = Literal["counter", "gauge", "histogram"]
#: what a family is in; a histogram of seconds holds ns, as all histograms of durations do
FamilyUnit = Literal["seconds", "bytes", "ratio", ""]
Labels = tuple[tuple[str, str], ...]  # sorted by name; a label that is empty is left out


@dataclass(frozen=True, slots=True)
class Point:
    """The value of one series: a number in the unit of its family, or a distribution."""

    labels: Labels
    value: float | Histogram


@dataclass(frozen=True, slots=True)
class Family:
    """All series of a name."""

    name: str  # as Prometheus has it, `_total` and unit included
    kind: FamilyKind
    unit: FamilyUnit
    meaning: str  # one line
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All figures of a run at an instant."""

    at_s: float  # since the epoch, by the wall clock
    began_s: float  # when the load began, likewise: from when counters count
    families: tuple[Family, ...]
    is_last: bool = False  # the load is over, and all of it is in here
