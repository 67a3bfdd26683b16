"""What is to be known of channels before their figures are believed. Pure.

Their process measures, too: one that is busy stamps messages late. Each finding is a sentence with
its remedy.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from wedload.units import counted, format_ratio
from wedload.verdict.model import Finding
from wedload.verdict.side_findings import SideWords, side_findings
from wedload.verdict.validity import MOST_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.metrics.summary import Summary
    from wedload.verdict.validity import GeneratorHealth

_EARS: Final = SideWords(
    kind="channels",
    name="The process that listens to the channels",
    harm="so that what it heard was stamped late",
    row="the tightest row about its messages",
    remedy="have fewer subscribers, lower the load, or give it another machine that is faster or "
    "less busy",
    fewer_files="have fewer subscribers",
)


def ears_findings(health: GeneratorHealth | None) -> Iterable[Finding]:
    """Whether the process that listens was up to it; None: there is none."""
    return side_findings(health, _EARS)


def undecided_findings(summary: Summary) -> Iterable[Finding]:
    """What was still expected when the run ended: no row is about it."""
    undecided: Counter[str] = Counter()
    for metric in ("webhook_undecided", "realtime_undecided"):
        for cell, number in summary.counted(metric):
            undecided[summary.catalogue.series[cell.series].channel or ""] += number
    for channel, number in undecided.items():
        yield Finding(
            "undecided",
            f"Channel {channel}: {counted(number, 'message')} had time left to come when the run "
            "ended, and nobody knows whether they would have; the rows are about the others.",
            invalidates=False,
        )


def heard_findings(reports: Mapping[str, Mapping[str, Any]]) -> Iterable[Finding]:
    """What the ears say of themselves, by channel."""
    for channel, report in reports.items():
        yield from _forgotten(channel, report)
        yield from _without_key(channel, report)
        yield from _not_joined(channel, report)


def _forgotten(channel: str, report: Mapping[str, Any]) -> Iterable[Finding]:
    keys = max(report.get("forgotten_keys", 0), report.get("forgotten", 0))
    entities, early = report.get("forgotten_entities", 0), report.get("overflowed", 0)
    parts = [f"{counted(keys, 'key')} forgotten"] if keys else []
    if entities:
        parts.append(f"the order within {entities:,} of the entities forgotten")
    if early:
        parts.append(f"{counted(early, 'message')} given up early")
    if not parts:
        return
    yield Finding(
        "channel-memory",
        f"Channel {channel}: more was heard than it remembers ({', '.join(parts)}), so that a "
        "repeat may pass for something unexpected, an early message for a missed one, and some of "
        "the wrong order go unseen; raise its `remember`, or run shorter.",
        invalidates=False,
    )


def _without_key(channel: str, report: Mapping[str, Any]) -> Iterable[Finding]:
    number, example = report.get("without_key", 0), report.get("without_key_example")
    if number:
        yield Finding(
            "no-key",
            f"Channel {channel}: its `key` gives nothing for {counted(number, 'message')}, which "
            f"nobody can expect therefore; one begins: {example}",
            invalidates=False,
        )


def _not_joined(channel: str, report: Mapping[str, Any]) -> Iterable[Finding]:
    subscribers, least = report.get("subscribers"), report.get("joined_least")
    if subscribers is None or least is None or least >= subscribers:
        return
    drops, rejoins = report.get("drops", 0), report.get("rejoins", 0)
    away = report.get("away_share", 0.0)
    yield Finding(
        "not-joined",
        f"Channel {channel}: in part of the load only {least:,} of "
        f"{counted(subscribers, 'subscriber')} had joined ({counted(drops, 'drop')}, "
        f"{counted(rejoins, 'rejoin')}; {format_ratio(away)} of their time away); what was sent "
        "meanwhile was expected of those alone. If the service is not to drop them, a row over "
        "realtime_drops demands it.",
        invalidates=away > MOST_SECONDS,
    )


def silent_findings(
    summary: Summary, reports: Mapping[str, Mapping[str, Any]]
) -> Iterable[Finding]:
    """Receivers that nobody has come to, though something was expected."""
    for channel, report in reports.items():
        where = (("channel", channel),)
        expected = summary.count("webhook_expected", where)
        if report.get("kind") == "webhook" and expected and not report.get("attempts"):
            yield Finding(
                "no-attempt",
                f"Channel {channel}: no request came to {report.get('url')}, though "
                f"{counted(expected, 'message')} {'was' if expected == 1 else 'were'} expected; "
                "was that address registered with the platform?",
                invalidates=False,
            )
