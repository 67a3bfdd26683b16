"""What can be asked of a run without demanding anything of it: `http_req_duration{step=a}: p95`.

The left side of a benchmark row, read by the same rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.plan.benchmark import Requirement, quantile_of
from wedload.plan.metric_table import METRICS

if TYPE_CHECKING:
    from wedload.plan.benchmark import Unit
    from wedload.plan.metric import MetricKind

_FORM: Final = re.compile(
    r"\s*(?P<metric>[a-z_0-9]+)\s*(?:\{.*\})?\s*:\s*(?P<figure>[a-z0-9.]+)\s*"
)
#: a threshold of the right kind, which nobody asked for
_SOME: Final[dict[MetricKind, str]] = {
    "trend": "1s", "rate": "1%", "counter": "1/s", "gauge": "1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measure:
    """`metric{where}: aggregation`."""

    metric: str
    where: tuple[tuple[str, str], ...]  # (dimension, value) pairs
    aggregation: str
    unit: Unit

    @property
    def quantile(self) -> float | None:
        """The quantile in 0..1 that it asks for, if it does."""
        return quantile_of(self.aggregation)

    def __str__(self) -> str:
        where = ",".join(f"{key}='{value}'" for key, value in self.where)
        return f"{self.metric}{f'{{{where}}}' if where else ''}: {self.aggregation}"


def parse_measure(text: str) -> Measure:
    """Read a measure.

    Raises:
        ValueError: what is wrong with it, and what would be right.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(
            f"{text!r} is no metric; write http_req_duration{{step='submit form'}}: p95"
        )
    kind = METRICS[form["metric"]].kind if form["metric"] in METRICS else "trend"
    some = "1" if form["figure"] == "count" else _SOME[kind]
    read = Requirement.parse(f"{text} < {some}")
    return Measure(read.metric, read.where, read.aggregation, read.unit)
