"""The recording of a run: a file that grows with it, so that a killed coordinator loses nothing.

A line of JSON for what is known before the load begins, one for each second of each load process,
in the kernel's hands as soon as it is written, and one for how the run ended. As long as the run is
under way, the file is locked. It knows no plan and no verdict; `wedload.results.recover` reads it.
"""

from __future__ import annotations

import base64
import fcntl
import os
from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from wedload.metrics.histogram import Histogram
from wedload.metrics.packing import squeeze
from wedload.private import make_private

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from wedload.metrics.catalogue import Catalogue
    from wedload.metrics.snapshot import CellKey, Health, Snapshot
    from wedload.plan.fault_times import FaultSpan
    from wedload.results.run import RunInfo, StageSpan

RECORDING: Final = "wedload.recording/1"
#: "whole": it came to its end; "stopped": at once, by a second interrupt; "failed": of wedload
Ending = Literal["whole", "stopped", "failed"]


def header(
    info: RunInfo,
    stages: Sequence[StageSpan],
    catalogue: Catalogue,
    benchmarks: Mapping[str, Any],
    faults: Sequence[FaultSpan] = (),
) -> dict[str, Any]:
    """What is known before the load begins, as JSON has it."""
    return {
        "schema": RECORDING,
        "run": info.facts(),
        "stages": list(map(asdict, stages)),
        "series": list(map(asdict, catalogue.series)),
        "phases": list(map(asdict, catalogue.phases)),
        "benchmarks": dict(benchmarks),
        "faults": list(map(asdict, faults)),
    }


def second_line(snapshots: Sequence[Snapshot]) -> dict[str, Any]:
    """What one load process recorded in one second, as JSON has it; at least one snapshot."""
    trends: defaultdict[CellKey, list[Histogram]] = defaultdict(list)
    counts: Counter[CellKey] = Counter()
    notes: Counter[str] = Counter()
    for one in snapshots:
        for key, histogram in one.trends.items():
            trends[key].append(histogram)
        counts.update(one.counts)
        notes.update(one.notes)
    last = snapshots[-1]
    levels = [[*key, *level] for one in snapshots for key, level in one.levels.items()]
    return {
        "worker": last.worker,
        "second": last.second,
        "vus": last.vus,
        "trends": [
            [*key, base64.b64encode(squeeze(Histogram.merge(parts))).decode()]
            for key, parts in trends.items()
        ],
        "counts": [[*key, count] for key, count in counts.items()],
        "health": [_health(one.health) for one in snapshots if one.health is not None],
        "notes": notes,
        **({"levels": levels} if levels else {}),
    }


def _health(health: Health) -> dict[str, Any]:
    facts = {name: getattr(health, name) for name in health.__slots__}
    return {**facts, "loop_lag": base64.b64encode(squeeze(health.loop_lag)).decode()}


class Recording:
    """Writes the recording of a run.

    A run is worth more than its recording: if that cannot be written, `failed` is told once, why,
    and the run goes on without.
    """

    def __init__(self, path: Path, failed: Callable[[str], None]) -> None:
        self.path = path
        self._failed = failed
        self._waiting: dict[int, list[Snapshot]] = {}  # worker -> snapshots of its second
        self._has_load = False
        self._file: Any = None

    def begin(self, head: Mapping[str, Any]) -> None:
        """Create the file, and what folder it is in."""
        try:
            make_private(self.path.parent)
            # its name can be guessed: a link that somebody has put there is not followed
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.fdopen(os.open(self.path, flags, 0o600), "wb", buffering=0)
        except OSError as error:
            self._give_up(error)
            return
        with suppress(OSError):  # a file system that knows no locks
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._write(head)

    def add(self, snapshot: Snapshot) -> None:
        """Take in a snapshot; those of one load process come in order."""
        if self._file is None:
            return
        waiting = self._waiting.setdefault(snapshot.worker, [])
        if waiting and waiting[0].second != snapshot.second:
            self._write(second_line(waiting))
            waiting.clear()
        waiting.append(snapshot)
        self._has_load = self._has_load or snapshot.second >= 0

    @property
    def kept(self) -> Path | None:
        """The file, if there is something of the load in it."""
        return self.path if self._has_load and self.path.exists() else None

    def end(self, ending: Ending) -> None:
        """Nothing more comes: the file is complete; without anything of the load it goes."""
        for waiting in self._waiting.values():
            if waiting:
                self._write(second_line(waiting))
        self._waiting.clear()
        self._write({"ended": ending})
        if self._file is not None:
            self._file.close()
            self._file = None
            if not self._has_load:
                self.path.unlink(missing_ok=True)

    def _write(self, line: Mapping[str, Any]) -> None:
        if self._file is None:
            return
        data = orjson.dumps(line) + b"\n"
        try:
            # a short write is how a disk that has just become full answers
            while data:
                data = data[self._file.write(data) :]
        except OSError as error:
            self._file.close()
            self._file = None
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        self._failed(
            f"the run cannot be recorded in {self.path}: {error.strerror}; "
            "if wedload were killed now, it would be lost"
        )
