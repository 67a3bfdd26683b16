"""A row to be compared: what it is about, and where it is found in each run. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from wedload.comparison.model import Direction, RowUnit  # noqa: TC001 - a dataclass' fields
from wedload.plan.measure import quantile_of
from wedload.results.seconds import Place  # noqa: TC001 - likewise

Kind = Literal["trend", "share", "throughput", "drops", "shown"]

#: rates whose yes is good, and counters that should be high, where no requirement says so
HIGH_IS_GOOD: Final = frozenset({"checks", "http_reqs", "iterations", "data_sent", "data_received"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A row to be compared, and where it is found in each run."""

    name: str
    benchmark: str | None = None
    metric: str
    where: tuple[tuple[str, str], ...] = ()
    aggregation: str
    kind: Kind
    unit: RowUnit
    worse: Direction = "higher"
    base: tuple[Place, ...]
    current: tuple[Place, ...]
    observed: tuple[tuple[float | None, ...], tuple[float | None, ...]] | None = None
    window: bool = False  # what was observed is its worst stretch; compared is the whole

    @property
    def quantile(self) -> float | None:
        """The quantile in 0..1 that it is about; None: a mean, or no trend."""
        return quantile_of(self.aggregation)
