"""The recorder of a load process: numbers are appended on the hot path, numpy every quarter second.

It keeps nothing beyond the next flush, so that its memory does not grow with the run's length.
It does not know what its numbers mean: see the catalogue.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING, Final

import numpy as np

from wedload.metrics.histogram import Histogram, histograms_of
from wedload.metrics.snapshot import OTHER_NOTES, CellKey, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from wedload.metrics.snapshot import Health

_BATCH: Final = 8_192  # numbers that numpy is given in one go: they stay in the core's cache
_NUMBER_BYTES: Final = 8
_MOST_NOTES: Final = 50  # different texts a flush; a plan's mistake repeats itself


@dataclass(frozen=True, slots=True, eq=False)  # the rows below are all there are
class Row:
    """The shape of a sample that is recorded as several numbers at once."""

    trends: tuple[str, ...]  # durations, ns
    sums: tuple[str, ...] = ()  # amounts, added up
    counter: str | None = None  # counts the samples themselves


HTTP_ROW: Final = Row(
    trends=("http_req_duration", "http_req_sending", "http_req_waiting", "http_req_receiving"),
    sums=("data_sent", "data_received"),
    counter="http_reqs",
)
#: a request that ends its step, which was due in the same phase
STEP_ROW: Final = Row((*HTTP_ROW.trends, "response_time"), HTTP_ROW.sums, HTTP_ROW.counter)
#: a request that was sent, and that not a byte of a response came for
UNANSWERED_ROW: Final = Row(
    trends=("http_req_duration", "http_req_sending"), sums=("data_sent",), counter="http_reqs"
)
#: a workflow that ran to its end …
ITERATION_ROW: Final = Row(("iteration_duration", "workflow_duration"), counter="iterations")
#: … and one whose rest made no sense
ENDED_ROW: Final = Row(("iteration_duration",), counter="iterations")

#: give a sample of the rows that there are most of as bytes: seven numbers, and two. A sample in
#: bytes costs numpy nothing to read, and leaves no number in memory for a quarter second
STEP_SAMPLE: Final = Struct("7q").pack
ITERATION_SAMPLE: Final = Struct("2q").pack


class _Buffer:
    """The samples of one row, series, phase and outcome, and the cells that they go to."""

    __slots__ = ("counter", "packed", "sums", "trends", "values")

    def __init__(self, row: Row, series: int, phase: int, outcome: str) -> None:
        self.trends = [CellKey(series, metric, phase, outcome) for metric in row.trends]
        self.sums = [CellKey(series, metric, phase, outcome) for metric in row.sums]
        self.counter = None if row.counter is None else CellKey(series, row.counter, phase, outcome)
        self.values: list[int] = []
        self.packed = bytearray()  # more of them

    def take(self) -> bytes:
        """All of its samples, packed; afterwards it is empty."""
        taken = bytes(self.packed)
        self.packed.clear()
        if self.values:
            taken += array("q", self.values).tobytes()
            self.values.clear()
        return taken


class _Latest:
    """Where the last sample of a series went: mostly the next one goes there too."""

    __slots__ = ("outcome", "packed", "phase")

    def __init__(self, phase: int, outcome: str, packed: bytearray) -> None:
        self.phase = phase
        self.outcome = outcome
        self.packed = packed


class _Checked:
    """How often a check was evaluated in a phase, and held or not: mostly it is the same phase."""

    __slots__ = ("failed", "passed", "phase")

    def __init__(self, phase: int) -> None:
        self.phase = phase
        self.passed = 0
        self.failed = 0


class Recorder:
    """Where the samples of one load process go until the next flush."""

    def __init__(self) -> None:
        self._buffers: dict[tuple[Row, int, int, str], _Buffer] = {}
        self._steps: dict[int, _Latest] = {}  # by series
        self._iterations: dict[int, _Latest] = {}
        self._trends: dict[tuple[str, int, int], list[int]] = {}
        self.counts: Counter[CellKey] = Counter()
        self.notes: Counter[str] = Counter()
        self._checks: dict[int, _Checked] = {}  # by series

    def buffer(self, row: Row, series: int, phase: int, outcome: str) -> list[int]:
        """The list that takes samples of a row: extend it by one number a column, in row order.

        The list stays the same for the recorder's life, so callers may keep it.
        """
        return self._buffer(row, series, phase, outcome).values

    def _buffer(self, row: Row, series: int, phase: int, outcome: str) -> _Buffer:
        key = (row, series, phase, outcome)
        found = self._buffers.get(key)
        if found is None:
            found = self._buffers[key] = _Buffer(row, series, phase, outcome)
        return found

    def trend(self, metric: str, series: int, phase: int) -> list[int]:
        """The list that takes durations of one trend that has no outcomes."""
        found = self._trends.get((metric, series, phase))
        if found is None:
            row = Row((metric,))
            found = self._trends[metric, series, phase] = self.buffer(row, series, phase, "")
        return found

    def iteration(self, series: int, phase: int, outcome: str) -> bytearray:
        """The bytes that take samples of `ITERATION_ROW`, as `ITERATION_SAMPLE` gives them."""
        latest = self._iterations.get(series)
        if latest is None or latest.phase != phase or latest.outcome != outcome:
            packed = self._buffer(ITERATION_ROW, series, phase, outcome).packed
            latest = self._iterations[series] = _Latest(phase, outcome, packed)
        return latest.packed

    def ended(self, series: int, phase: int) -> list[int]:
        """The list that takes durations of iterations that ended early, and failed."""
        return self.buffer(ENDED_ROW, series, phase, "failed")

    def unanswered(self, series: int, phase: int, outcome: str) -> list[int]:
        """The list that takes samples of `UNANSWERED_ROW`, three numbers each."""
        return self.buffer(UNANSWERED_ROW, series, phase, outcome)

    def http(self, series: int, phase: int, outcome: str) -> list[int]:
        """The list that takes samples of `HTTP_ROW`, six numbers each."""
        return self.buffer(HTTP_ROW, series, phase, outcome)

    def step(self, series: int, phase: int, outcome: str) -> bytearray:
        """The bytes that take samples of `STEP_ROW`, as `STEP_SAMPLE` gives them."""
        latest = self._steps.get(series)
        if latest is None or latest.phase != phase or latest.outcome != outcome:
            packed = self._buffer(STEP_ROW, series, phase, outcome).packed
            latest = self._steps[series] = _Latest(phase, outcome, packed)
        return latest.packed

    def count(self, series: int, metric: str, phase: int, outcome: str = "", by: int = 1) -> None:
        """Add to a counter's cell."""
        self.counts[CellKey(series, metric, phase, outcome)] += by

    def check(self, series: int, phase: int, passed: bool) -> None:
        """Count a check that was evaluated."""
        seen = self._checks.get(series)
        if seen is None or seen.phase != phase:
            if seen is not None:
                _add_checks(self.counts, series, seen)
            seen = self._checks[series] = _Checked(phase)
        if passed:
            seen.passed += 1
        else:
            seen.failed += 1

    def note(self, text: str) -> None:
        """Keep a text that explains a failure; beyond a few different ones, only their number."""
        if text in self.notes or len(self.notes) < _MOST_NOTES:
            self.notes[text] += 1
        else:
            self.notes[OTHER_NOTES] += 1

    def flush(
        self, worker: int, second: int, vus: dict[str, int], health: Health | None = None
    ) -> Snapshot:
        """Hand over what was recorded since the last flush. O(samples log samples)."""
        counts, self.counts = self.counts, Counter()
        checks, self._checks = self._checks, {}
        for series, seen in checks.items():
            _add_checks(counts, series, seen)
        notes, self.notes = self.notes, Counter()
        filled = [one for one in self._buffers.values() if one.values or one.packed]
        trends = _drain(filled, counts)
        return Snapshot(worker, second, trends, dict(counts), vus, health, dict(notes))


def _add_checks(counts: Counter[CellKey], series: int, seen: _Checked) -> None:
    for outcome, number in (("pass", seen.passed), ("fail", seen.failed)):
        if number:
            counts[CellKey(series, "checks", seen.phase, outcome)] += number


def _drain(buffers: list[_Buffer], counts: Counter[CellKey]) -> dict[CellKey, Histogram]:
    """Empty buffers into cells."""
    cells: dict[CellKey, Histogram] = {}
    for batch in _batches(buffers):
        table, lengths = _table(batch)
        columns = len(batch[0].trends)
        keys = [buffer.trends[column] for column in range(columns) for buffer in batch]
        found = histograms_of(table[:columns].ravel(), lengths * columns)
        for key, seen in zip(keys, found, strict=True):
            # rows of two shapes may share a metric
            cells[key] = Histogram.merge([cells[key], seen]) if key in cells else seen
        if columns < len(table):
            starts = np.cumsum([0, *lengths[:-1]])
            sums = np.add.reduceat(table[columns:], starts, axis=1).tolist()
            for column, amounts in enumerate(sums):
                for buffer, amount in zip(batch, amounts, strict=True):
                    counts[buffer.sums[column]] += amount
        for buffer, length in zip(batch, lengths, strict=True):
            if buffer.counter is not None:
                counts[buffer.counter] += length
    return cells


def _batches(buffers: list[_Buffer]) -> Iterator[list[_Buffer]]:
    """Buffers of one shape together, up to a size: what numpy does in one go costs once."""
    shapes: dict[tuple[int, int], list[_Buffer]] = {}
    for buffer in buffers:
        shapes.setdefault((len(buffer.trends), len(buffer.sums)), []).append(buffer)
    for alike in shapes.values():
        batch: list[_Buffer] = []
        numbers = 0
        for buffer in alike:
            more = len(buffer.values) + len(buffer.packed) // _NUMBER_BYTES
            numbers += more
            if batch and numbers > _BATCH:
                yield batch
                batch, numbers = [], more
            batch.append(buffer)
        yield batch


def _table(batch: list[_Buffer]) -> tuple[NDArray[np.int64], list[int]]:
    """Samples of buffers of one shape, (columns, samples); how many are of each. Empties them."""
    width = len(batch[0].trends) + len(batch[0].sums)
    taken = [buffer.take() for buffer in batch]
    lengths = [len(samples) // (width * _NUMBER_BYTES) for samples in taken]
    return np.frombuffer(b"".join(taken), np.int64).reshape(-1, width).T, lengths
