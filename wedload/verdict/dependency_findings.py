"""What is to be known of simulated third parties before their figures are believed. Pure.

Their process is part of what is measured: one that is busy answers late, and the platform waits for
that. Each finding is a sentence with its remedy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.units import NS_PER_MS, counted, format_ms, format_ratio
from wedload.verdict.model import Finding
from wedload.verdict.validity import BUSY_CPU, MOST_FILES, MOST_SECONDS, why_late

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.metrics.summary import Summary
    from wedload.verdict.validity import GeneratorHealth

_PARTIES: Final = "The process that plays the third parties"
_REMEDY: Final = "lower the load, or give it another machine that is faster or less busy"


def parties_findings(health: GeneratorHealth | None) -> Iterable[Finding]:
    """Whether the process that plays them was up to it; None: there is none."""
    if health is None:
        return
    allowed = health.seconds * MOST_SECONDS
    if health.cpu_busy_seconds > allowed:
        yield Finding(
            "third-parties-cpu",
            f"{_PARTIES} used more than {format_ratio(BUSY_CPU)} of its core in "
            f"{health.cpu_busy_seconds} of {health.seconds} seconds, so that what they took was "
            f"not what the plan says; {_REMEDY}.",
        )
    limit_ns = health.lag_limit_ns
    if limit_ns is not None and health.lagging_seconds > allowed:
        yield Finding(
            "third-parties-lag",
            f"{_PARTIES} lagged (p99 over {format_ms(limit_ns / NS_PER_MS)}, which is too much for "
            f"the tightest row) in {health.lagging_seconds} of {health.seconds} seconds, "
            f"{why_late(health, _REMEDY)}.",
        )
    fullest = health.fullest
    if fullest is not None and fullest.fullness > MOST_FILES:
        yield Finding(
            "open-files",
            f"{_PARTIES} had {fullest.open_files_max:,} of at most {fullest.open_files_limit:,} "
            "files open; a few more and connections fail: raise the limit (ulimit -n), or lower "
            "the load.",
            invalidates=False,
        )


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
