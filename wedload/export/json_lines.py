"""A file that gets a line of JSON for each picture of a run: for whoever has no Prometheus.

Lines are added behind what is there, so that nothing of other runs is lost; a line that had no
room is taken back, so that the next one begins where a line begins.
"""

from __future__ import annotations

import asyncio
import math
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from wedload.export.buckets import per_unit
from wedload.export.port import ExportError, reason
from wedload.metrics.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wedload.export.model import Family, Picture

NAME: Final = "json_lines"
_QUANTILES: Final = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}


def line_of(picture: Picture) -> bytes:
    """The line of a picture, with its end; docs/monitoring.md says what is in it."""
    series = [one for family in picture.families for one in _series(family)]
    line = {
        "at_s": round(picture.at_s, 3),
        "began_s": round(picture.began_s, 3),
        "last": picture.is_last,
        "series": series,
    }
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _series(family: Family) -> Iterator[dict[str, Any]]:
    per = per_unit(family.unit)
    for point in family.points:
        found: dict[str, Any] = {"name": family.name, "labels": dict(point.labels)}
        match point.value:
            case Histogram() as samples:
                found |= {"count": samples.count, "sum": samples.sum_ns / per}
                if samples.count:
                    found |= {"min": samples.min_ns / per, "max": samples.max_ns / per}
                    for name, q in _QUANTILES.items():
                        found[name] = samples.quantile_ns(q) / per
            case value:
                found["value"] = value if math.isfinite(value) else None
        yield found


class JsonLines:
    """Such a file. Implements `wedload.export.port.Exporter`."""

    name = NAME

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    @property
    def to(self) -> str:
        """The file."""
        return str(self._path)

    async def open(self) -> None:
        """Make it, for its owner alone, if it is not there."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            self._file = os.open(self._path, flags, 0o600)
        except OSError as error:
            raise self._failed(error) from None

    async def send(self, picture: Picture) -> None:
        """Add a line."""
        file = self._file
        assert file is not None  # it was opened
        try:
            await asyncio.to_thread(_append, file, picture)
        except OSError as error:
            raise self._failed(error) from None

    async def close(self) -> None:
        """Close it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _failed(self, error: OSError) -> ExportError:
        return ExportError(f"{self._path} cannot be written: {reason(error)}")


def _append(file: int, picture: Picture) -> None:
    """Write all of its line, or nothing of it."""
    line = line_of(picture)
    before = os.fstat(file).st_size
    try:
        left = memoryview(line)
        while left:
            left = left[os.write(file, left) :]
    except OSError:
        with suppress(OSError):  # what it was is said already
            os.ftruncate(file, before)
        raise
