"""A search for the capacity in words and cells, for terminals and files alike. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.figures import figure_words
from wedload.units import format_clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.results.capacity_model import Capacity, CapacityProbe
    from wedload.results.model import Benchmark

HEAD: Final = ("probe", "at", ">it/s", ">req/s", "fared", "row nearest its limit", ">observed")
_FARED: Final = {"held": "held", "broken": "broke", "limited": "limited", "unclear": "unclear"}


def capacity_sentences(capacity: Capacity) -> Iterator[str]:
    """What it comes to: the capacity, what that is in requests, and what is to be done."""
    yield capacity.sentence
    if capacity.requests_per_s is not None:
        yield f"That is about {rate(capacity.requests_per_s)} requests/s."
    for limit in dict.fromkeys(one.limit for one in capacity.probes if one.limit is not None):
        names = [one.name.removeprefix("probe ") for one in capacity.probes if one.limit == limit]
        what = "Probe" if len(names) == 1 else "Probes"
        yield f"{what} {', '.join(names)} at a limit that is not the target's: {limit}."


def probe_cells(
    capacity: Capacity, benchmarks: Sequence[tuple[str, str, str]]
) -> Iterator[tuple[str, ...]]:
    """A row of cells for each probe; `benchmarks`: (name, metric, unit) of the rows."""
    kinds = {name: (metric, unit) for name, metric, unit in benchmarks}
    for one in capacity.probes:
        name, observed = _nearest(one, kinds)
        yield (
            one.name.removeprefix("probe "),
            format_clock(one.begin_s),
            rate(one.rate_per_s),
            rate(one.requests_per_s),
            _FARED[one.fared] + (", cut" if one.cut else ""),
            name,
            observed,
        )


def rows_of(benchmarks: Sequence[Benchmark]) -> list[tuple[str, str, str]]:
    """What `probe_cells` is to know of a result's rows."""
    return [(one.name, one.metric, one.unit) for one in benchmarks]


def rate(per_s: float) -> str:
    """A rate with three digits, or all those before the point."""
    return f"{per_s:,.0f}" if per_s >= 100 else f"{per_s:.3g}"


def _nearest(probe: CapacityProbe, kinds: dict[str, tuple[str, str]]) -> tuple[str, str]:
    """The row with the least margin, and what was seen of it."""
    with_margin = [one for one in probe.rows if one.margin is not None and one.name in kinds]
    if not with_margin:
        return "–", "–"
    row = min(with_margin, key=lambda one: one.margin or 0.0)
    metric, unit = kinds[row.name]
    return row.name, figure_words(metric, row.observed, unit)
