"""What became of what was sent of a run while it lasted, in words: figures and alerts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.results.monitoring_model import Alerts, Export, MonitoringFacts, Told


def monitoring_words(found: MonitoringFacts | None) -> Iterator[str]:
    """A line for each who was to get something, and one about alerts."""
    if found is None:
        return
    for export in found.exports:
        yield f"{export.name} → {export.to}: {fate_words(export)}"
    for told in found.told:
        yield f"{told.name} → {told.to}: {told_words(told)}"
    if found.alerts is not None:
        yield f"alerts: {alerts_words(found.alerts)}"


def fate_words(one: Export) -> str:
    """`12 pictures sent, 1 failed`."""
    words = [f"{counted(one.sent, 'picture')} of the run sent"]
    words += [f"{one.failed:,} failed"] if one.failed else []
    words += [f"{one.skipped:,} left out for a newer one"] if one.skipped else []
    return ", ".join(words)


def told_words(one: Told) -> str:
    """`3 messages sent, 1 failed`."""
    return f"{counted(one.sent, 'message')} sent" + (
        f", {one.failed:,} failed" if one.failed else ""
    )


def alerts_words(found: Alerts) -> str:
    """`2 silenced, 1 heard (HighLatency), 1 raised by rows that burned`."""
    heard = f" ({', '.join(dict.fromkeys(found.heard))})" if found.heard else ""
    return (
        f"{len(found.silenced):,} silenced, {len(found.heard):,} heard{heard},"
        f" {found.raised:,} raised by rows that burned"
    )
