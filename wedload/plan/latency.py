"""How long a simulated service takes: a distribution as for think time, or one from a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol

from wedload.plan.distribution import Distribution
from wedload.plan.parsing import Parsed, text_in

if TYPE_CHECKING:
    import random

_EMPIRICAL: Final = re.compile(
    r"\s*empirical\(\s*(?P<file>\"[^\"]+\"|'[^']+'|[^\"',()]+?)\s*"
    r"(?:,\s*column\s*=\s*(?P<column>\"[^\"]+\"|'[^']+'|[^\"',()]+?)\s*)?\)\s*"
)


class Latency(Protocol):
    """What durations are drawn from."""

    def draw_ns(self, rng: random.Random) -> int:
        """One duration, ns, never below zero."""


@dataclass(frozen=True, slots=True)
class Empirical:
    """Durations as they were measured somewhere: `empirical("calendar.csv", column="ms")`.

    `values_ns` are those of the file, ascending: they are there once the plan is loaded, and travel
    with it (see `wedload.plan.latency_files`).
    """

    file: str
    column: str | None = None
    values_ns: tuple[int, ...] = field(default=(), repr=False)

    def draw_ns(self, rng: random.Random) -> int:
        """One value: the quantile of a uniform share, between two durations in proportion.

        So values lie between the file's smallest and largest, and their quantiles are its own.

        Source: Hyndman and Fan, "Sample quantiles in statistical packages" (1996), definition 7,
        which is numpy's and R's default.
        """
        values = self.values_ns
        place = rng.random() * (len(values) - 1)
        below = int(place)
        if below + 1 >= len(values):
            return values[below]
        return values[below] + round((place - below) * (values[below + 1] - values[below]))

    def __str__(self) -> str:
        column = "" if self.column is None else f', column="{self.column}"'
        return f'empirical("{self.file}"{column})'


def parse_latency(value: Any) -> Latency:
    """Read `120ms`, `lognormal(p50=120ms, p99=900ms)`, `empirical("file.csv")`; raises ValueError.

    The file of an `empirical` is not read here.
    """
    text = text_in(value)
    if not text.lstrip().startswith("empirical"):
        return Distribution.parse(text)
    match = _EMPIRICAL.fullmatch(text)
    if match is None:
        raise ValueError(
            f'{text!r}: write empirical("latencies.txt"), a duration a line,'
            ' or empirical("calls.csv", column="duration")'
        )
    column = match["column"]
    return Empirical(match["file"].strip("\"'"), column and column.strip("\"'"))


LatencyField = Annotated[Latency, Parsed(parse_latency)]
