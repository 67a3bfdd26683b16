"""The picture of a run at an instant: its account, and where the run itself stands. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.export.account import family
from wedload.export.labels import labels
from wedload.export.model import Picture, Point
from wedload.export.names import EXPORTED, PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from wedload.export.account import Account
    from wedload.export.model import Family
    from wedload.plan.measure import Unit
    from wedload.verdict.model import Outcome, Row

    _Said = tuple[dict[str, str | None], float]  # labels beside those of all, and a value

#: unit of a benchmark row -> the base unit, and how much of the first is one of the second
BASE_UNITS: Final[dict[Unit, tuple[str, float]]] = {
    "ms": ("seconds", 1000),
    "ratio": ("ratio", 1),
    "per_s": ("per_second", 1),
    "count": ("", 1),
    "number": ("", 1),
    "bytes": ("bytes", 1),
    "bytes_per_s": ("bytes_per_second", 1),
}
_OUTCOMES: Final[tuple[Outcome, ...]] = ("pass", "fail", "invalid")


@dataclass(frozen=True, slots=True)
class Span:
    """Something that is in force for a part of the load: its labels, and when, s of the load."""

    labels: tuple[tuple[str, str | None], ...]
    begin_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands at an instant."""

    at_s: float  # since the epoch
    began_s: float  # the load, likewise
    elapsed_s: float  # of the load
    version: str  # of wedload
    rows: Sequence[Row] = ()  # the benchmark table
    stages: Sequence[Span] = ()
    faults: Sequence[Span] = ()
    is_last: bool = False  # nothing is in force any more, and nothing more comes


def picture(account: Account, now: Standing) -> Picture:
    """Take a picture."""
    families = (*_run_families(account.common, now), *account.families())
    return Picture(now.at_s, now.began_s, families, now.is_last)


def verdict_picture(common: Mapping[str, str], now: Standing, outcome: Outcome) -> Picture:
    """The last word of a run: its verdict and its benchmark table."""
    said: list[_Said] = [({"outcome": one}, float(one == outcome)) for one in _OUTCOMES]
    families = (
        *_run_families(common, now),
        _family(common, "verdict", said),
        _family(common, "run_end_timestamp_seconds", [({}, now.at_s)]),
    )
    return Picture(now.at_s, now.began_s, families, is_last=True)


def _family(common: Mapping[str, str], name: str, points: Iterable[_Said]) -> Family:
    of_all = [Point(labels({**common, **own}), value) for own, value in points]
    return family(EXPORTED[PREFIX + name], of_all)


def _run_families(common: Mapping[str, str], now: Standing) -> Iterator[Family]:
    yield _family(common, "run_info", [({"version": now.version}, 1)])
    yield _family(common, "run_elapsed_seconds", [({}, now.elapsed_s)])
    for name, spans in (("stage_active", now.stages), ("fault_active", now.faults)):
        if spans:
            yield _family(common, name, _active(spans, now))
    yield from (_family(common, name, points) for name, points in _row_points(now.rows) if points)


def _active(spans: Sequence[Span], now: Standing) -> Iterator[_Said]:
    """1 for each that is in force; those of one name, as of a fault that comes back, are one."""
    found: dict[tuple[tuple[str, str | None], ...], bool] = {}
    for span in spans:
        active = not now.is_last and span.begin_s <= now.elapsed_s < span.end_s
        found[span.labels] = found.get(span.labels, False) or active
    return ((dict(own), float(active)) for own, active in found.items())


def _row_points(
    rows: Sequence[Row],
) -> Iterator[tuple[str, list[_Said]]]:
    observed: list[_Said] = []
    threshold: list[_Said] = []
    samples: list[_Said] = []
    met: list[_Said] = []
    for row in rows:
        own: dict[str, str | None] = {"benchmark": row.name, "metric": row.requirement.metric}
        unit, per = BASE_UNITS[row.requirement.unit]
        in_unit = {**own, "unit": unit}
        if row.observed is not None:
            observed.append((in_unit, row.observed / per))
        threshold.append((in_unit, row.requirement.threshold / per))
        samples.append((own, float(row.samples)))
        if row.status in {"met", "missed"}:
            met.append((own, float(row.status == "met")))
    yield "benchmark_observed", observed
    yield "benchmark_threshold", threshold
    yield "benchmark_samples", samples
    yield "benchmark_met", met
