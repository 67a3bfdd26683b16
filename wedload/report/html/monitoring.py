"""The monitoring of a report: who got figures, who was told, which alerts fired. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wedload.report.html.markup import Column, Html, element, join, table
from wedload.report.monitoring_words import alerts_words
from wedload.units import WITHHELD, format_count

if TYPE_CHECKING:
    from wedload.results.model import Result
    from wedload.results.monitoring_model import Alerts, MonitoringFacts


def monitoring(result: Result) -> Html:
    """A table of each of these."""
    found = result.monitoring
    assert found is not None  # else there is no such section
    parts = [
        _exports(found) if found.exports else None,
        _told(found) if found.told else None,
        None if found.alerts is None else _alerts(found.alerts),
    ]
    return join(parts)


def _exports(found: MonitoringFacts) -> Html:
    return table(
        "Who got the figures of the run while it lasted.",
        [
            Column("export", "name"), Column("to"), Column("sent", "number"),
            Column("failed", "number"), Column("left out", "number"), Column("last problem"),
        ],
        [
            [
                one.name, one.to, format_count(one.sent), format_count(one.failed),
                format_count(one.skipped), one.problem or WITHHELD,
            ]
            for one in found.exports
        ],
        note="Left out: a newer picture, with all that is in it, took its place. What did not "
        "arrive changes nothing of the load and its figures here.",
    )  # fmt: skip


def _told(found: MonitoringFacts) -> Html:
    return table(
        "Who was told of the run in words.",
        [
            Column("told", "name"), Column("to"), Column("sent", "number"),
            Column("failed", "number"), Column("last problem"),
        ],
        [
            [
                one.name, one.to, format_count(one.sent), format_count(one.failed),
                one.problem or WITHHELD,
            ]
            for one in found.told
        ],
    )  # fmt: skip


def _alerts(found: Alerts) -> Html:
    said = element("p", f"Alerts: {alerts_words(found)}.")
    fired = [("silenced by the run", found.silenced), ("heard", found.heard)]
    rows: list[list[str | Html]] = [
        [name, what, format_count(times)]
        for what, names in fired
        for name, times in sorted(Counter(names).items())
    ]
    if not rows:
        return said
    columns = [Column("alert", "name"), Column("what became of it"), Column("times", "number")]
    return join([said, table("Alerts that fired while the run lasted.", columns, rows)])
