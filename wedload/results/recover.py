"""From the recording of a run that was cut off to what can be said of it.

Everything that was recorded is judged; the run is invalid, as nobody knows what it missed.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.errors import ResultError
from wedload.metrics.catalogue import Catalogue, Phase, Series
from wedload.metrics.packing import unsqueeze
from wedload.metrics.snapshot import CellKey, Health, Snapshot
from wedload.metrics.summary import Summary
from wedload.metrics.timeline import Timeline
from wedload.plan.row_table import parse_row
from wedload.results.recording import RECORDING
from wedload.results.run import Run, RunInfo, StageSpan
from wedload.verdict import findings as finding
from wedload.verdict.timed_rows import TimedRows
from wedload.verdict.whole import judge_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wedload.metrics.histogram import Histogram

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
    try:
        lines = iter(Path(path).read_bytes().splitlines(keepends=True))
    except OSError as error:
        raise ResultError(f"{path} cannot be read: {error.strerror}") from None
    try:
        head = orjson.loads(next(lines))
        if head["schema"] != RECORDING:
            raise ValueError(head["schema"])
        info = RunInfo.of(head["run"])
        stages = tuple(StageSpan(**one) for one in head["stages"])
        catalogue = _catalogue(head)
        benchmarks = {name: parse_row(source) for name, source in head["benchmarks"].items()}
    except (StopIteration, *_DAMAGE) as error:
        raise ResultError(
            f"{path} is no recording of a run: {type(error).__name__}: {error}",
            "it was changed, cut off in its first line, or written by another version of wedload",
        ) from None
    kept = {one.metric for one in benchmarks.values() if one.kind == "trend"}
    summary, timeline = Summary(catalogue), Timeline(kept)
    timed = TimedRows(catalogue, benchmarks, workers=info.workers, schedule_s=info.planned_s)
    for snapshot in _snapshots(lines):
        summary.add(snapshot)
        timeline.add(snapshot)
        timed.add(snapshot)
    load_s = float(timeline.newest + 1)
    timed.finish(load_s - 1)  # the last second may be there in part only
    findings = [finding.cut_off(load_s, info.planned_s)]
    health, verdict = judge_run(
        summary, timeline.health, benchmarks, findings,
        load_s=load_s, timed=timed.rows(load_s),
    )  # fmt: skip
    return Run(
        info=info, load_s=load_s, interrupted=False, stages=stages, summary=summary,
        timeline=timeline, health=health, cleanup=None, verdict=verdict, complete=False,
    )  # fmt: skip


def _catalogue(head: Mapping[str, Any]) -> Catalogue:
    catalogue = Catalogue()
    for one in head["series"]:
        tags = tuple((key, value) for key, value in one.pop("tags"))
        catalogue.add_series(Series(**{**one, "tags": tags, "used": tuple(one["used"])}))
    for one in head["phases"]:
        catalogue.add_phase(Phase(**one))
    return catalogue


def _snapshots(lines: Iterator[bytes]) -> Iterator[Snapshot]:
    for line in lines:
        if not line.endswith(b"\n"):
            return  # the last one, cut off
        try:
            one = orjson.loads(line)
            made = [
                Snapshot(
                    one["worker"],
                    one["second"],
                    {CellKey(*key): _histogram(text) for *key, text in one["trends"]},
                    {CellKey(*key): count for *key, count in one["counts"]},
                    one["vus"],
                    notes=one["notes"],
                ),
                *(
                    Snapshot(
                        one["worker"], one["second"],
                        health=Health(**{**facts, "loop_lag": _histogram(facts["loop_lag"])}),
                    )
                    for facts in one["health"]
                ),
            ]  # fmt: skip
        except _DAMAGE:
            return
        yield from made


def _histogram(text: str) -> Histogram:
    return unsqueeze(base64.b64decode(text, validate=True))
