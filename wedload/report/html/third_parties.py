"""The third parties and fault proxies of a report: what was asked, answered and retried. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.report.channel_words import reasons_words
from wedload.report.fault_words import factor
from wedload.report.html.facts import definitions
from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.html.tables import mark
from wedload.results.dependencies import ATTEMPTS, DURATION, FAILED
from wedload.results.figures_model import RateFigures, TrendFigures
from wedload.units import (
    WITHHELD,
    format_count,
    format_ms,
    format_number,
    format_ratio,
    format_size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.results.dependency_model import Dependency, FaultProxy
    from wedload.results.model import Result

_COUNTS: Final = (
    "requests", "failed", "p50", "p95", "p99", "operations", "amplification", "attempts, most",
    "over quota", "duplicates",
)  # fmt: skip
_KEPT: Final = (("retry_policy_kept", "policy kept"), ("retry_after_kept", "Retry-After kept"))
#: of connections through a proxy
_PASSED: Final = ("connections", "up", "down", "reset", "refused", "without their service")


def third_parties(result: Result) -> Html:
    """A table of all, then what there is to say of each, and the proxies."""
    parts: list[Html] = []
    if result.dependencies:
        parts.append(
            table(
                "Durations are of the third party's answers, from the request read until its "
                "answer was written, as it was told to take.",
                [Column("third party", "name"), *(Column(one, "number") for one in _COUNTS)],
                [_row(one) for one in result.dependencies],
                note="Failed are attempts that were not answered as they asked. Amplification is "
                "attempts / operations: one thing that the platform wants is one operation, "
                "however often it is tried.",
            )
        )
        parts += [_details(one) for one in result.dependencies]
    if result.proxies:
        parts.append(_proxies(result.proxies))
    return join(parts)


def _row(one: Dependency) -> list[str | Html]:
    took, attempts = _trend(one, DURATION), _trend(one, ATTEMPTS)
    failed = one.metrics.get(FAILED)
    share = format_ratio(failed.rate if isinstance(failed, RateFigures) else None)
    return [
        join([element("span", one.name), element("small", one.simulate)]),
        format_count(one.requests),
        mark("✗", share, "bad") if isinstance(failed, RateFigures) and failed.yes else share,
        *map(format_ms, (took.med, took.p95, took.p99)),
        format_count(one.operations),
        factor(one.amplification),
        format_count(attempts.max),
        format_count(one.quota_breaches),
        format_count(one.duplicates),
    ]


def _trend(one: Dependency, metric: str) -> TrendFigures:
    found = one.metrics.get(metric)
    return found if isinstance(found, TrendFigures) else TrendFigures(unit="ms", count=0)


def _details(one: Dependency) -> Html:
    parts: list[Html] = [
        element("h3", f"{one.name}: attempts and operations"),
        definitions(_facts(one)),
    ]
    if one.endpoints:
        parts.append(_endpoints(one))
    if one.report is None:
        lost = "What it reports was lost with its process; the figures are what was recorded."
        parts.append(element("p", mark("!", lost, "unsure")))
    return join(parts)


def _endpoints(one: Dependency) -> Html:
    return table(
        f"What came to {one.name}, and what became of it, before and after the load, too.",
        [
            Column("endpoint", "name"),
            Column("outcome"),
            Column("status"),
            Column("times", "number"),
        ],
        [
            [each.endpoint, each.outcome, str(each.status or WITHHELD), format_count(each.count)]
            for each in one.endpoints
        ],
    )


def _facts(one: Dependency) -> Iterator[tuple[str, str | Html]]:
    yield "address", element("code", one.url or WITHHELD)
    if one.told not in {None, one.url}:
        yield "the platform was told", element("code", one.told)
    yield "outcomes of attempts", reasons_words(one.outcomes) or "none came"
    yield (
        "operations",
        f"{format_count(one.operations)}, {format_count(one.failed_operations)} of them failed",
    )
    attempts = _trend(one, ATTEMPTS)
    if attempts.count:
        known = (
            ("on average", attempts.avg), ("p95", attempts.p95), ("p99", attempts.p99),
            ("most", attempts.max),
        )  # fmt: skip
        words = [f"{format_number(value)} {name}" for name, value in known if value is not None]
        yield "attempts per operation", ", ".join(words)
    for metric, what in (("operation_duration", "an operation took"), ("retry_gap", "gaps")):
        took = _trend(one, metric)
        if took.count:
            yield (
                what,
                f"p50 {format_ms(took.med)}, p95 {format_ms(took.p95)}, at most "
                + (format_ms(took.max)),
            )
    for metric, what in _KEPT:
        kept = one.metrics.get(metric)
        if isinstance(kept, RateFigures):
            told = f"{format_ratio(kept.rate)} of {format_count(kept.count)}"
            if metric == _KEPT[0][0] and one.policy_broken:
                told += f"; broken: {reasons_words(one.policy_broken)}"
            yield what, told


def _proxies(found: Sequence[FaultProxy]) -> Html:
    return table(
        "Proxies that faults were injected by.",
        [
            Column("proxy", "name"), Column("listens on"), Column("upstream"),
            *(Column(one, "number") for one in _PASSED),
        ],
        [
            [
                one.name, one.listen or WITHHELD, one.upstream, format_count(one.connections),
                *(WITHHELD if bytes_ is None else format_size(bytes_)
                  for bytes_ in (one.bytes_up, one.bytes_down)),
                format_count(one.resets), format_count(one.refused),
                format_count(one.upstream_failures),
            ]
            for one in found
        ],
    )  # fmt: skip
