"""An analysis as figures of tables: levels, and whose time it is at the ends of the load. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.units import WITHHELD, format_ms, format_number, format_per_s, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.results.analysis_model import Analysis, Level, ServicePart

LEVELS: Final = ("level of load", "in flight", "rate", "mean", "p95", "failed", "longest part")
PARTS: Final = ("whose time", "lowest", "highest", "share")
#: what tells whose time it is -> how a table is headed
SOURCES: Final = {
    "traces": "by spans of traced requests",
    "server-timing": "by Server-Timing",
    "dependencies": "by the third parties that wedload plays",
}
#: what could not be said -> what it is called
TOPICS: Final = {
    "levels": "levels of load",
    "services": "whose time it is",
    "operations": "operations",
    "resources": "resources",
    "scalability": "scalability",
    "knee": "knee",
    "little": "Little's law",
    "analysis": "analysis",
}


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of the mean at the lowest and the highest load at which there is a split."""

    name: str
    low_ms: float | None
    high_ms: float
    share: float  # at the highest


def level_cells(level: Level) -> tuple[str, ...]:
    """Of a row, in the order of `LEVELS`."""
    return (
        level.name, format_number(level.in_flight), format_per_s(level.rate_per_s),
        format_ms(level.mean_ms), format_ms(level.p95_ms), format_ratio(level.failed_ratio),
        longest_words(level),
    )  # fmt: skip


def longest_words(level: Level) -> str:
    """`postgresql 61 %`: the service that has the most, all its operations together."""
    sums: dict[str, float] = {}
    for one in level.services:
        sums[one.service] = sums.get(one.service, 0.0) + one.share
    if not sums:
        return WITHHELD
    most = max(sums, key=lambda service: sums[service])
    return f"{most} {format_ratio(round(sums[most], 2))}"


def part_name(one: ServicePart) -> str:
    """`postgresql: SELECT suppliers`."""
    return one.service if one.operation is None else f"{one.service}: {one.operation}"


def part_rows(analysis: Analysis, most: int) -> list[PartRow]:
    """The longest parts at the highest load, and what they were at the lowest."""
    split = [one for one in analysis.levels if one.services]
    if not split:
        return []
    low, high = split[0], split[-1]
    before = {part_name(one): one.self_ms for one in low.services} if low is not high else {}
    return [
        PartRow(
            part_name(one), before.get(part_name(one), 0.0) if before else None, one.self_ms,
            one.share,
        )
        for one in high.services[:most]
    ]  # fmt: skip


def cells_of(row: PartRow) -> tuple[str, ...]:
    """Of a row, in the order of `PARTS`."""
    share = format_ratio(round(row.share, 3))
    return row.name, format_ms(row.low_ms), format_ms(row.high_ms), share


def refused_lines(analysis: Analysis) -> Iterator[str]:
    """What could not be said, and why."""
    for topic, why in analysis.refused.items():
        yield f"{TOPICS.get(topic, topic)}: {why}"


def is_worth_telling(analysis: Analysis) -> bool:
    """Whether a run's verdict has anything of it: of a run that is over at once, it has not."""
    return bool(analysis.levels)
