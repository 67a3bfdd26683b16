"""How rows of the benchmark table are marked while a run goes on, in its view and by `ctl`."""

from __future__ import annotations

from typing import Final

#: status of a benchmark row -> its mark and colour
MARKS: Final = {
    "met": ("✓", "green"),
    "missed": ("✗", "red"),
    "no-data": ("·", "dim"),
    "insufficient": ("·", "dim"),
}
