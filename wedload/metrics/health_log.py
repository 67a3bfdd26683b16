"""How the load processes of a run fared, second by second; a few numbers each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from wedload.metrics.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Collection

    from wedload.metrics.snapshot import Health


class HealthRow(NamedTuple):
    """One load process in one second."""

    worker: int
    second: int
    cpu_ratio: float  # of one core
    memory_bytes: int  # resident
    lag_p99_ns: float  # NaN: the loop was not asked
    gc_longest_ns: int  # pause for a garbage collection
    gc_total_ns: int
    open_files: int
    open_files_limit: int | None


class HealthLog:
    """The health of all load processes of a run."""

    def __init__(self) -> None:
        self.rows: list[HealthRow] = []
        self._lags: defaultdict[int, list[Histogram]] = defaultdict(list)
        self._latest: dict[int, HealthRow] = {}

    def add(self, worker: int, second: int, health: Health) -> None:
        """Take in the health of a load process in a second."""
        lag = health.loop_lag
        row = HealthRow(
            worker, second, health.cpu_ratio, health.memory_bytes, lag.quantile_ns(0.99),
            health.gc_longest_ns, health.gc_total_ns, health.open_files, health.open_files_limit,
        )  # fmt: skip
        self.rows.append(row)
        self._latest[worker] = row
        parts = self._lags[worker]
        parts.append(lag)
        if len(parts) >= 64:
            parts[:] = [Histogram.merge(parts)]

    def during(self, seconds: Collection[int]) -> HealthLog:
        """The same of some seconds alone; how late the loops were is only known of all of them."""
        log = HealthLog()
        log.rows = [row for row in self.rows if row.second in seconds]
        log._latest = {row.worker: row for row in log.rows}
        log._lags = self._lags
        return log

    def latest(self) -> list[HealthRow]:
        """The last row of each load process, in their order."""
        return [self._latest[worker] for worker in sorted(self._latest)]

    def loop_lag(self, worker: int) -> Histogram:
        """How late the event loop of one load process was."""
        return Histogram.merge(self._lags[worker])
