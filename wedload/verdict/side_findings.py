"""What is to be known of a process beside the load before its figures are believed. Pure.

It measures, or is measured, too: one that is busy is late with what it does. Each finding is a
sentence with its remedy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wedload.units import NS_PER_MS, format_ms, format_ratio
from wedload.verdict.model import Finding
from wedload.verdict.validity import BUSY_CPU, MOST_FILES, MOST_SECONDS, why_late

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wedload.verdict.validity import GeneratorHealth


@dataclass(frozen=True, slots=True)
class SideWords:
    """How findings speak of such a process."""

    kind: str  # of findings: `channels` gives channels-cpu
    name: str  # begins a sentence
    harm: str  # what comes of a busy one: "so that …"
    row: str  # the tightest row that it can be too slow for
    remedy: str
    fewer_files: str  # the remedy that needs no higher limit of open files


def side_findings(health: GeneratorHealth | None, of: SideWords) -> Iterable[Finding]:
    """Whether a process beside the load was up to it; None: there is none."""
    if health is None:
        return
    allowed = health.seconds * MOST_SECONDS
    if health.cpu_busy_seconds > allowed:
        yield Finding(
            f"{of.kind}-cpu",
            f"{of.name} used more than {format_ratio(BUSY_CPU)} of its core in "
            f"{health.cpu_busy_seconds} of {health.seconds} seconds, {of.harm}; {of.remedy}.",
        )
    limit_ns = health.lag_limit_ns
    if limit_ns is not None and health.lagging_seconds > allowed:
        yield Finding(
            f"{of.kind}-lag",
            f"{of.name} lagged (p99 over {format_ms(limit_ns / NS_PER_MS)}, which is too much for "
            f"{of.row}) in {health.lagging_seconds} of {health.seconds} seconds, "
            f"{why_late(health, of.remedy)}.",
        )
    fullest = health.fullest
    if fullest is not None and fullest.fullness > MOST_FILES:
        yield Finding(
            "open-files",
            f"{of.name} had {fullest.open_files_max:,} of at most {fullest.open_files_limit:,} "
            "files open; a few more and connections fail: raise the limit (ulimit -n), or "
            f"{of.fewer_files}.",
            invalidates=False,
        )
