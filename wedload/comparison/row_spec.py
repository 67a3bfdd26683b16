"""A row to be compared: what it is about, and where it is found in each run. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wedload.comparison.model import Row, RowUnit
from wedload.plan.measure import quantile_of
from wedload.plan.metric import Direction  # noqa: TC001 - likewise
from wedload.results.seconds import SeriesPick  # noqa: TC001 - likewise

RowKind = Literal["trend", "share", "throughput", "drops", "shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSpec:
    """A row to be compared, and where it is found in each run."""

    name: str
    benchmark: str | None = None
    metric: str
    where: tuple[tuple[str, str], ...] = ()
    aggregation: str
    kind: RowKind
    unit: RowUnit
    worse: Direction = "higher"
    base: tuple[SeriesPick, ...]
    current: tuple[SeriesPick, ...]
    observed: tuple[tuple[float | None, ...], tuple[float | None, ...]] | None = None
    window: bool = False  # what was observed is its worst stretch; compared is the whole

    def blank(self) -> Row:
        """A row that says what it is about, and not yet what was found."""
        return Row(
            name=self.name, benchmark=self.benchmark, metric=self.metric, where=dict(self.where),
            aggregation=self.aggregation, unit=self.unit, worse=self.worse,
        )  # fmt: skip

    @property
    def quantile(self) -> float | None:
        """The quantile in 0..1 that it is about; None: a mean, or no trend."""
        return quantile_of(self.aggregation)
