"""Loads that never happened, second by second: what tests of rows about time are fed with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.histogram import Histogram
from wedload.metrics.snapshot import CellKey, Snapshot
from wedload.metrics.summary import Summary
from wedload.plan.benchmark import Requirement
from wedload.units import NS_PER_MS as MS
from wedload.verdict.judge import judge
from wedload.verdict.timed_rows import TimedRows


def make_row(source, *, after_s=0, window_s=None, abort=False):
    plain = Requirement.parse(source)
    return replace(plain, after_s=after_s, window_s=window_s, abort=abort)


@dataclass
class Load:
    """Seconds of a load of two steps, `look` and `buy`, in stage `up` and then `peak`."""

    benchmarks: dict[str, Requirement]
    workers: int = 1
    schedule_s: float = 1000.0
    catalogue: Catalogue = field(default_factory=Catalogue)

    def __post_init__(self):
        for stage in ("up", "peak"):
            self.catalogue.add_phase(Phase("main", stage, 10.0))
        for step in ("look", "buy"):
            self.catalogue.add_series(Series("main", "visit", step))
        self.summary = Summary(self.catalogue)
        self.timed = TimedRows(
            self.catalogue, self.benchmarks, workers=self.workers, schedule_s=self.schedule_s
        )

    def second(self, at, *, ms=(), ok=0, failed=0, step=0, stage=0, worker=0):
        """What one load process hands over for a second."""
        trends = {}
        if ms:
            key = CellKey(step, "http_req_duration", stage, "ok")
            trends[key] = Histogram.of([round(one * MS) for one in ms])
        counts = {
            CellKey(step, "http_reqs", stage, outcome): number
            for outcome, number in (("ok", ok), ("status", failed))
            if number
        }
        snapshot = Snapshot(worker, at, trends, counts)
        self.summary.add(snapshot)
        self.timed.add(snapshot)

    def rows(self, load_s):
        """The rows in the end."""
        self.timed.finish(load_s)
        return {row.name: row for row in self.verdict(load_s).rows}

    def verdict(self, load_s, findings=()):
        return judge(
            self.summary, self.benchmarks, findings, load_s=load_s,
            timed=self.timed.rows(load_s, self.timed.abort), abort=self.timed.abort,
        )  # fmt: skip


@pytest.fixture(scope="session")
def row():
    """A row as a plan's table makes it."""
    return make_row


@pytest.fixture(scope="session")
def load():
    """A load that is judged against rows."""
    return Load
