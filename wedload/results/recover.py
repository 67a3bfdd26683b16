"""From the recording of a run that was cut off to what can be said of it.

Everything that was recorded is judged; the run is invalid, as nobody knows what it missed.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

import orjson

from wedload.errors import ResultError
from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.levels import Level, LevelKey
from wedload.metrics.packing import unsqueeze
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.plan.fault_times import FaultSpan
from wedload.plan.resource_metrics import KINDS_OF
from wedload.plan.row_table import parse_row
from wedload.results.recording import RECORDING, Ending
from wedload.results.run import Run, RunInfo, StageSpan
from wedload.verdict import findings as finding
from wedload.verdict.collected import Collected
from wedload.verdict.fault_account import FaultAccount

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wedload.metrics.histogram import Histogram
    from wedload.plan.benchmark import Requirement
    from wedload.verdict.model import Finding

_MOST_BYTES: Final = 2_000_000_000  # a second of a load process has some 10 kB
_BEGIN: Final = b'{"schema":"' + RECORDING.encode()
#: what reading a damaged line can raise
_DAMAGE: Final = (KeyError, TypeError, ValueError, struct.error, zlib.error, binascii.Error)


def is_recording(path: str | Path) -> bool:
    """Whether a file begins like a recording; not so if it cannot be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(len(_BEGIN)) == _BEGIN
    except OSError:
        return False


def recover(path: str | Path) -> Run:
    """The run that a recording is of, as far as it goes.

    A last line that was cut off is left out; so is everything from a damaged one on.

    Raises:
        ResultError: it cannot be read, or is no recording.
    """
    data, under_way = _read(path)
    lines = _Lines(data)
    try:
        begun = _Begun.of(lines.head)
    except _DAMAGE as error:
        raise ResultError(
            f"{path} is no recording of a run: {type(error).__name__}: {error}",
            "it was changed, cut off in its first line, or written by another version of wedload",
        ) from None
    info, collected = begun.info, begun.collected()
    for snapshot in lines.snapshots():
        collected.add(snapshot)
    load_s = float(collected.timeline.newest + 1)
    # the last second may be there in part only
    health, verdict = collected.judged(
        [lines.finding(load_s, info.planned_s, under_way=under_way)],
        load_s=load_s, whole_s=max(load_s - 1, 0.0),
    )  # fmt: skip
    return Run(
        info=info, load_s=load_s, interrupted=lines.ending == "stopped", stages=begun.stages,
        summary=collected.summary, timeline=collected.timeline, health=health, cleanup=None,
        verdict=verdict, complete=False, levels=collected.levels.levels, pairs=collected.pairs,
    )  # fmt: skip


def _read(path: str | Path) -> tuple[bytes, bool]:
    """What is in a recording, and whether its run is still under way.

    Raises:
        ResultError: it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                under_way = False
            except OSError as error:  # else of a file system that knows no locks
                under_way = isinstance(error, BlockingIOError)
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ResultError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise ResultError(f"{path} is larger than any recording: more than {_MOST_BYTES:,} bytes")
    return data, under_way


class _Lines:
    """The lines of a recording, and what is to be said of them once they are read."""

    def __init__(self, data: bytes) -> None:
        self.head, *self._lines = data.splitlines(keepends=True) or [b""]
        self.ending: Ending | None = None  # how the run did end, if it says so
        self._damaged: int | None = None  # the first line that is, counted from 1

    def snapshots(self) -> Iterator[Snapshot]:
        """What was recorded, as far as it can be believed."""
        for number, line in enumerate(self._lines, 2):
            if not line.endswith(b"\n"):
                return  # the last one, cut off
            try:
                one = orjson.loads(line)
                if "ended" in one:
                    self.ending = _ending(one["ended"])
                    return
                made = _snapshots_of(one)
            except _DAMAGE:
                self._damaged = number
                return
            yield from made

    def finding(self, load_s: float, planned_s: float, *, under_way: bool) -> Finding:
        """Why the run is not whole."""
        if self._damaged is not None:
            return finding.damaged(self._damaged, len(self._lines) + 1, load_s)
        if under_way:
            return finding.under_way(load_s, planned_s)
        return finding.cut_off(load_s, planned_s, self.ending)


class _Begun(NamedTuple):
    """What was known of the run as its load began."""

    info: RunInfo
    stages: tuple[StageSpan, ...]
    faults: tuple[FaultSpan, ...]
    catalogue: Catalogue
    benchmarks: Mapping[str, Requirement]

    @staticmethod
    def of(line: bytes) -> _Begun:
        """Read it in the first line; raises what is in _DAMAGE."""
        head = orjson.loads(line)
        if head["schema"] != RECORDING:
            raise ValueError(head["schema"])
        return _Begun(
            RunInfo.of(head["run"]),
            tuple(StageSpan(**one) for one in head["stages"]),
            tuple(FaultSpan(**one) for one in head.get("faults", ())),
            _catalogue(head),
            {name: parse_row(source) for name, source in head["benchmarks"].items()},
        )

    def collected(self) -> Collected:
        """What is to be collected of it."""
        info = self.info
        listened, played = bool(info.channels), bool(info.dependencies or info.proxies)
        return Collected.of(
            self.catalogue, self.benchmarks, workers=info.workers + listened + played,
            ears=info.workers if listened else None,
            parties=info.workers + listened if played else None,
            schedule_s=info.planned_s,
            arrivals=any(one.target_rate is not None for one in self.stages),
            faults=FaultAccount(self.faults, self.stages),
            max_rate_per_s=info.max_rate_per_s,
        )  # fmt: skip


def _catalogue(head: Mapping[str, Any]) -> Catalogue:
    catalogue = Catalogue()
    for one in head["series"]:
        tags = tuple((key, value) for key, value in one.pop("tags"))
        catalogue.add_series(Series(**{**one, "tags": tags, "used": tuple(one["used"])}))
    for one in head["phases"]:
        others = tuple((dimension, value) for dimension, value in one.pop("others", ()))
        catalogue.add_phase(Phase(**one, others=others))
    return catalogue


def _snapshots_of(line: Mapping[str, Any]) -> list[Snapshot]:
    """What one load process recorded in one second: its samples, then how it fared."""
    worker, second = line["worker"], line["second"]
    samples = Snapshot(
        worker,
        second,
        {CellKey(*key): _histogram(text) for *key, text in line["trends"]},
        {CellKey(*key): count for *key, count in line["counts"]},
        line["vus"],
        notes=line["notes"],
    )
    if "levels" in line:  # sampled beside the load
        return [Snapshot(worker, second, levels=_levels(line["levels"]))]
    fared = [
        Health(**{**facts, "loop_lag": _histogram(facts["loop_lag"])}) for facts in line["health"]
    ]
    return [samples, *(Snapshot(worker, second, health=one) for one in fared)]


def _levels(found: list[list[Any]]) -> dict[LevelKey, Level]:
    levels = {}
    for resource, metric, value, capacity in found:
        if metric not in KINDS_OF:
            raise ValueError(metric)
        key = LevelKey(str(resource), metric)
        levels[key] = Level(float(value), None if capacity is None else float(capacity))
    return levels


def _ending(word: Ending) -> Ending:
    if word not in get_args(Ending):
        raise ValueError(word)
    return word


def _histogram(text: str) -> Histogram:
    return unsqueeze(base64.b64decode(text, validate=True))
