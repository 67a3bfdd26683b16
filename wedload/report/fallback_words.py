"""How often a step's answer was a fallback, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.results.figures import known_quantile_ns
from wedload.results.figures_model import RateFigures, TrendFigures
from wedload.results.steps import step_keys, step_labels, step_where
from wedload.units import NS_PER_MS, format_ms, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.metrics.summary import Summary
    from wedload.results.model import Step

_USED: Final = "fallback_used"
_TOOK: Final = "fallback_duration"


def fallbacks_of_run(summary: Summary) -> Iterator[str]:
    """A sentence for each step that says what a fallback is, and has answered by one."""
    keys = list(step_keys(summary))
    for key, label in zip(keys, step_labels(keys), strict=True):
        used = summary.rate(_USED, step_where(*key))
        if used.yes:
            p95 = known_quantile_ns(summary.trend(_TOOK, step_where(*key)), 0.95)
            yield _words(label, used.yes, used.total, None if p95 is None else p95 / NS_PER_MS)


def fallbacks_of_steps(steps: Sequence[Step]) -> Iterator[str]:
    """The same of a result."""
    labels = step_labels([(one.scenario, one.workflow, one.step) for one in steps])
    for one, label in zip(steps, labels, strict=True):
        used, took = one.metrics.get(_USED), one.metrics.get(_TOOK)
        if isinstance(used, RateFigures) and used.yes:
            p95 = took.p95 if isinstance(took, TrendFigures) else None
            yield _words(label, used.yes, used.count, p95)


def _words(label: str, yes: int, total: int, p95_ms: float | None) -> str:
    """`book: 120 of 1,000 answers were fallbacks (12 %), p95 of these 340 ms`."""
    words = f"{label}: {yes:,} of {total:,} answers were fallbacks ({format_ratio(yes / total)})"
    return words if p95_ms is None else f"{words}, p95 of these {format_ms(p95_ms)}"
