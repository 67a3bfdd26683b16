"""Third parties and faults of a result in Markdown. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.report import third_party_words
from wedload.report.counts import short_count
from wedload.report.fault_words import (
    amplification_words,
    factor,
    fault_sentences,
    goodput_words,
    p95_words,
    recovered_words,
    when,
)
from wedload.report.markdown_text import bullets, table
from wedload.results.dependencies import DURATION, FAILED
from wedload.results.figures_model import RateFigures, TrendFigures
from wedload.units import format_ms, format_ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wedload.results.dependency_model import Dependency
    from wedload.results.faults_model import Fault
    from wedload.results.model import Result


def third_parties(result: Result) -> str:
    """A table of third parties, what came of their attempts, and a line for each proxy."""
    parts = []
    if result.dependencies:
        head = (
            "Third party", ">Requests", ">Failed", ">p50", ">p95", ">Operations", ">Amplification",
        )  # fmt: skip
        parts.append(table(head, map(_dependency, result.dependencies)))
    said = [
        f"{one.name}: {words}"
        for one in result.dependencies
        if (words := third_party_words.besides(one))
    ]
    said += [f"proxy {third_party_words.proxy_words(one)}" for one in result.proxies]
    return "\n\n".join([*parts, *([bullets(said)] if said else [])])


def _dependency(one: Dependency) -> tuple[str, ...]:
    failed, took = one.metrics.get(FAILED), one.metrics.get(DURATION)
    trend = took if isinstance(took, TrendFigures) else TrendFigures(unit="ms", count=0)
    return (
        one.name,
        short_count(one.requests),
        format_ratio(failed.rate if isinstance(failed, RateFigures) else None),
        format_ms(trend.med),
        format_ms(trend.p95),
        short_count(one.operations),
        factor(one.amplification),
    )


def faults(found: Sequence[Fault]) -> str:
    """A table of faults: before → during → after; and those that were not recovered from."""
    if not found:
        return ""
    head = ("Fault", ">When", ">Goodput", ">Recovered after", ">Workflow p95", ">Amplification")
    rows = table(
        head,
        (
            (
                one.name, when(one), goodput_words(one, " → "), _recovered(one),
                p95_words(one, " → "), amplification_words(one, " → "),
            )
            for one in found
        ),
    )  # fmt: skip
    said = [sentence for one in found for sentence in fault_sentences(one)]
    return f"{rows}\n\n{bullets(said)}" if said else rows


def _recovered(one: Fault) -> str:
    words = recovered_words(one)
    return f"❌ {words}" if words == "never" else words
