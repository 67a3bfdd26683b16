"""Values as a line of bars. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_BARS: Final = "▁▂▃▄▅▆▇█"


def bars(values: Sequence[float | None], low: float, high: float) -> str:
    """Bars from `low` to `high`, the lowest for all if these are one; a gap where there is none."""
    span = high - low
    line = ""
    for value in values:
        share = 0.0 if value is None or span <= 0 else (value - low) / span
        line += " " if value is None else _BARS[min(int(share * len(_BARS)), len(_BARS) - 1)]
    return line
