"""The rows that channels are compared by: how much came in time, and how long it took. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.comparison.row_spec import RowSpec
from wedload.plan.scenarios import OUTSIDE_LOAD
from wedload.results.channels import DURATIONS, LAST
from wedload.results.seconds import SeriesPick, places_where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.results.model import Result
    from wedload.results.series_model import SecondsOf

_DELIVERED: Final = {f"{kind}_delivered": kind for kind in DURATIONS}
#: metric -> what of a channel it times
_TIMED: Final = {**dict.fromkeys(DURATIONS.values(), ""), LAST: " last subscriber"}


def channel_rows(base: Sequence[Result], current: Sequence[Result]) -> Iterator[RowSpec]:
    """What is delivered, and p50 and p95 of how long it took; of each channel of any run."""
    for name, kind in _channels([*base, *current]):
        yield _row(name, f"{kind}_delivered", "rate", base, current)
        for aggregation in ("p50", "p95"):
            yield _row(name, DURATIONS[kind], aggregation, base, current)
        if kind == "realtime":
            yield _row(name, LAST, "p95", base, current)


def channel_details(base: Sequence[Result], current: Sequence[Result]) -> Iterator[RowSpec]:
    """Rows for information: p99."""
    for name, kind in _channels([*base, *current]):
        yield _row(name, DURATIONS[kind], "p99", base, current)


def _channels(results: Sequence[Result]) -> list[tuple[str, str]]:
    """Name and kind of all that something was expected of."""
    found = dict.fromkeys(
        (one.channel, _DELIVERED[one.metric])
        for result in results
        for one in result.series.rates
        if one.metric in _DELIVERED and one.scenario not in OUTSIDE_LOAD
    )
    return [(name, kind) for name, kind in found if name is not None]


def _row(
    name: str,
    metric: str,
    aggregation: str,
    base: Sequence[Result],
    current: Sequence[Result],
) -> RowSpec:
    share = aggregation == "rate"

    def fits(one: SecondsOf) -> bool:
        return one.metric == metric and one.channel == name and one.scenario not in OUTSIDE_LOAD

    def place(result: Result) -> SeriesPick:
        series = result.series
        return SeriesPick(places_where(series.rates if share else series.trends, fits))

    what = " delivered" if share else f"{_TIMED[metric]} {aggregation}"
    return RowSpec(
        name=f"channel {name}{what}", metric=metric, where=(("channel", name),),
        aggregation=aggregation, kind="share" if share else "trend",
        unit="ratio" if share else "ms", worse="lower" if share else "higher",
        base=tuple(map(place, base)), current=tuple(map(place, current)),
    )  # fmt: skip
