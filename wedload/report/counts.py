"""Numbers in few characters. Pure; apart from the figures of runs, which plans alone do without."""

from __future__ import annotations


def short_count(count: float) -> str:
    """A number in at most six characters: `812`, `12,110`, `1.2M`."""
    if count < 99_999.5:
        return f"{count:,.0f}"
    return f"{count / 1000:.0f}k" if count < 999_500 else f"{count / 1e6:.1f}M"
