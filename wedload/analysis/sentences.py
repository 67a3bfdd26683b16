"""An analysis in sentences, at most a screenful: what gives way, and why. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.analysis.evidence import level_words, since_words
from wedload.units import format_ms, format_number, format_per_s, format_ratio

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wedload.analysis.culprits import Basis, Case
    from wedload.results.analysis_model import (
        Analysis,
        Culprit,
        Knee,
        Level,
        Little,
        Scalability,
    )

_MOST_SATURATED: Final = 3
#: share of requests from which on failures are part of the picture: fast ones flatter latencies
_FAILS: Final = 0.01


def verdict_words(case: Case | None, basis: Basis | None, culprits: Sequence[Culprit]) -> str:
    """One sentence: what gives way, that nothing does, or why nobody can say."""
    if case is None:
        return "what gives way cannot be said: there are too few requests"
    if culprits:
        return f"bottleneck: {culprits[0].words}"
    if basis is not None:
        return f"{_course(case)}, but nothing tells whose time it is"
    if case.saturated:
        first = case.saturated[0]
        since = since_words(first, open_load=case.open_load)
        return (
            f"nothing gives way yet ({_course(case)}), but {first.resource}'s "
            f"{level_words(first)} {since}"
        )
    return f"no bottleneck: {_course(case)}"


def _course(case: Case) -> str:
    """What the means did."""
    growth, who = case.growth, case.focus.words
    if growth.one_load:
        return f"{who} takes {format_ms(growth.high_mean_ms)} on average"
    low, high = (format_number(one.level.in_flight) for one in (growth.low, growth.high))
    return (
        f"{who} takes {format_ms(growth.low_mean_ms)} with {low} requests in flight and "
        f"{format_ms(growth.high_mean_ms)} with {high}"
    )


def sentences_of(analysis: Analysis, *, open_load: bool, invalid: bool) -> list[str]:
    """All that there is to say, the gist first; without the verdict's own."""
    return list(_sentences(analysis, open_load=open_load, invalid=invalid))


def _sentences(analysis: Analysis, *, open_load: bool, invalid: bool) -> Iterator[str]:
    if invalid:
        yield "the run is invalid, so its figures may be of the load and not of the target"
    for place, culprit in enumerate(analysis.culprits):
        if place:
            yield f"also: {culprit.words}"
        yield from culprit.evidence
    told = " ".join([analysis.verdict, *(s for one in analysis.culprits for s in one.evidence)])
    for full in analysis.saturated[:_MOST_SATURATED]:
        words = f"{level_words(full)} {since_words(full, open_load=open_load)}"
        if words not in told:
            yield f"{full.resource}'s {words}"
    if analysis.levels and (worst := analysis.levels[-1]).failed_ratio >= _FAILS:
        yield f"{format_ratio(worst.failed_ratio)} of requests fail at the highest load"
    if analysis.scalability is not None:
        yield _scalability(analysis.scalability, analysis.levels)
    if analysis.knee is not None:
        yield _knee(analysis.knee)
    if analysis.little is not None:
        yield _little(analysis.little)


def _scalability(one: Scalability, levels: Sequence[Level]) -> str:
    alone = format_per_s(one.gamma_per_s)
    words = (
        f"scalability: {alone} by one request at a time, {format_ratio(one.alpha)} of the work "
        f"waits for its turn ({_range(one.alpha_95)})"
    )
    if one.peak_n is None or one.peak_per_s is None:
        limit = one.gamma_per_s / one.alpha if one.alpha else None
        return words + ("" if limit is None else f"; never more than {format_per_s(limit)}")
    words += f"; most with {format_number(one.peak_n)} in flight, {format_per_s(one.peak_per_s)}"
    if one.peak_n > max(level.in_flight for level in levels):
        words += ", which is beyond what was tried"
    return words


def _range(interval: tuple[float, float]) -> str:
    low, high = map(format_ratio, interval)
    return f"{low} to {high}"


def _knee(one: Knee) -> str:
    return (
        f"knee: from {format_number(one.in_flight)} requests in flight on "
        f"({format_per_s(one.rate_per_s)}, {format_ms(one.mean_ms)}), each one more adds "
        f"{format_ms(one.slope_after)}"
    )


def _little(one: Little) -> str:
    by = format_number(one.rate_per_s * one.mean_ms / 1000)
    words = (
        f"{format_number(one.in_flight)} virtual users, and {by} by rate × duration of their "
        f"iterations: {format_ratio(abs(one.error_ratio))} apart"
    )
    if one.holds:
        return f"Little's law holds: {words}"
    return f"Little's law does not hold, the measurement is suspect: {words}"
