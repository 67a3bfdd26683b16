"""What became of the figures that a run sent on while it lasted, in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.units import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.results.monitoring_model import Export, MonitoringFacts


def monitoring_words(found: MonitoringFacts | None) -> Iterator[str]:
    """A line for each who was to get them."""
    for one in () if found is None else found.exports:
        yield f"{one.name} → {one.to}: {fate_words(one)}"


def fate_words(one: Export) -> str:
    """`12 pictures sent, 1 failed`."""
    words = [f"{counted(one.sent, 'picture')} of the run sent"]
    words += [f"{one.failed:,} failed"] if one.failed else []
    words += [f"{one.skipped:,} left out for a newer one"] if one.skipped else []
    return ", ".join(words)
