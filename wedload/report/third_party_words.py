"""Third parties and fault proxies in words: what a table has no room for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.channel_words import reasons_words
from wedload.results.figures_model import RateFigures, TrendFigures
from wedload.units import counted, format_count, format_ms, format_ratio, format_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.results.dependency_model import Dependency, FaultProxy

#: what columns of the tables of third parties mean
LEGEND: Final = "failed: attempts not answered as they asked; ampl.: attempts / operations"


def besides(one: Dependency) -> str:
    """What came of attempts, and how they were retried; only what there is to say."""
    return ", ".join(_besides(one))


def _besides(one: Dependency) -> Iterator[str]:
    failed = {outcome: number for outcome, number in one.outcomes.items() if outcome != "ok"}
    if failed:
        yield f"{format_count(sum(failed.values()))} failed ({reasons_words(failed)})"
    if one.duplicates:
        yield f"{counted(one.duplicates, 'operation')} carried out twice or more"
    attempts = one.metrics.get("operation_attempts")
    if isinstance(attempts, TrendFigures) and attempts.max is not None and attempts.max > 1:
        yield f"at most {format_count(attempts.max)} attempts of an operation"
    gaps = one.metrics.get("retry_gap")
    if isinstance(gaps, TrendFigures) and gaps.med is not None:
        yield f"{format_ms(gaps.med)} (p50) between two"
    for metric, what in (
        ("retry_policy_kept", "policy of retries"),
        ("retry_after_kept", "Retry-After"),
    ):
        kept = one.metrics.get(metric)
        if isinstance(kept, RateFigures) and kept.yes < kept.count:
            broken = one.policy_broken if metric == "retry_policy_kept" else {}
            why = f" (broken: {reasons_words(broken)})" if broken else ""
            yield f"{what} kept in {format_ratio(kept.rate)} of {format_count(kept.count)}{why}"


def proxy_words(one: FaultProxy) -> str:
    """`db: 127.0.0.1:4100 → 127.0.0.1:5432, 12 connections, 1.2 MB up, 40 MB down, 3 reset`."""
    where = f"{one.name}: {one.listen} → {one.upstream}" if one.listen else (
        f"{one.name} → {one.upstream}"
    )  # fmt: skip
    if one.connections is None:
        return f"{where}; what it reports was lost with its process"
    words = [where, counted(one.connections, "connection")]
    for number, way in ((one.bytes_up, "up"), (one.bytes_down, "down")):
        if number is not None:
            words.append(f"{format_size(number)} {way}")
    words += [
        f"{format_count(number)} {what}"
        for number, what in (
            (one.resets, "reset"),
            (one.refused, "refused"),
            (one.upstream_failures, "without their service"),
        )
        if number
    ]
    return ", ".join(words)
