"""What is to be known of simulated third parties before their figures are believed. Pure.

Their process is part of what is measured: one that is busy answers late, and the platform waits for
that. Each finding is a sentence with its remedy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.units import counted
from wedload.verdict.model import Finding
from wedload.verdict.side_findings import SideWords, side_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.metrics.summary import Summary
    from wedload.verdict.validity import GeneratorHealth

_PARTIES: Final = SideWords(
    kind="third-parties",
    name="The process that plays the third parties",
    harm="so that what they took was not what the plan says",
    row="the tightest row",
    remedy="lower the load, or give it another machine that is faster or less busy",
    fewer_files="lower the load",
)


def parties_findings(health: GeneratorHealth | None) -> Iterable[Finding]:
    """Whether the process that plays them was up to it; None: there is none."""
    return side_findings(health, _PARTIES)


def asked_findings(summary: Summary, reports: Mapping[str, Mapping[str, Any]]) -> Iterable[Finding]:
    """What third parties were asked, or not: by dependency, from what their process reports."""
    for name, report in reports.items():
        where = (("dependency", name),)
        requests = summary.count("dependency_requests", where)
        if not requests:
            yield Finding(
                "not-asked",
                f"Dependency {name}: no request came to {report.get('url')} during the load; was "
                "the platform told that address, and does the plan's workflow need it?",
                invalidates=False,
            )
        if keyless := report.get("without_key", 0):
            yield Finding(
                "no-operation",
                f"Dependency {name}: {counted(keyless, 'request')} did not say which operation "
                "they belong to (no traceparent, no Idempotency-Key), so that each counts as one "
                "of its own, and retries among them go unseen; let the platform send one, or say "
                "what to tell them apart by with `operation`.",
                invalidates=False,
            )
        if cut := report.get("cut_operations", 0):
            yield Finding(
                "operations-cut",
                f"Dependency {name}: {counted(cut, 'operation')} taken for over while one "
                "more attempt might have come, as too many were under way at a time or one key "
                "stood for too many; amplification may be too low.",
                invalidates=False,
            )
