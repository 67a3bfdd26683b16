"""Snapshots: what was recorded in a stretch of a run, in cells; merging is addition."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from wedload.metrics.packing import Packed, pack, unpack

if TYPE_CHECKING:
    from wedload.metrics.histogram import Histogram
    from wedload.metrics.levels import Level, LevelKey

#: stands for all texts beyond the first different ones
OTHER_NOTES: Final = "… and others"


class CellKey(NamedTuple):
    """What a cell holds samples of: series and phase by their numbers in the catalogue."""

    series: int
    metric: str
    phase: int
    outcome: str  # of the sample; "" where a metric has none


@dataclass(frozen=True, slots=True)
class Health:
    """A load process's own state at the end of a second."""

    cpu_ratio: float  # of one core
    memory_bytes: int  # resident
    loop_lag: Histogram  # of the stretch since the last one
    gc_longest_ns: int = 0  # pause for a garbage collection in that stretch
    gc_total_ns: int = 0
    open_files: int = 0
    open_files_limit: int | None = None  # None: none


class Sink(Protocol):
    """Who takes in what is recorded of a run while it goes on: an account, a file, an export."""

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot, at once: the next are waiting. Those of a load process come in order.

        Secrets are gone from its texts. What fails is the sink's to say, never a reason to raise.
        """


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one load process recorded since its last snapshot, or was sampled beside the load."""

    worker: int
    second: int  # since the start of the load: its samples ended within this second
    trends: dict[CellKey, Histogram] = field(default_factory=dict)
    counts: dict[CellKey, int] = field(default_factory=Counter)
    vus: dict[str, int] = field(default_factory=dict)  # scenario -> active virtual users now
    health: Health | None = None
    #: a few texts that explain failures, with how often each was seen
    notes: dict[str, int] = field(default_factory=Counter)
    #: of resources, as the coordinator samples them; load processes have none
    levels: dict[LevelKey, Level] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it with all cells in a few pieces: an object for each would cost five times."""
        return _restored, (
            self.worker,
            self.second,
            list(map(tuple, self.trends)),
            tuple(pack(list(self.trends.values()))),
            list(map(tuple, self.counts)),
            list(self.counts.values()),
            self.vus,
            self.health,
            dict(self.notes),
        )


def _restored(
    worker: int,
    second: int,
    trend_keys: list[tuple[int, str, int, str]],
    trends: tuple[Any, ...],
    count_keys: list[tuple[int, str, int, str]],
    counts: list[int],
    vus: dict[str, int],
    health: Health | None,
    notes: dict[str, int],
) -> Snapshot:
    return Snapshot(
        worker,
        second,
        dict(zip(map(CellKey._make, trend_keys), unpack(Packed(*trends)), strict=True)),
        dict(zip(map(CellKey._make, count_keys), counts, strict=True)),
        vus,
        health,
        notes,
    )
