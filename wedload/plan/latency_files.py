"""Files of durations that latencies are drawn from: read when a plan is loaded, kept with it.

One duration a line, or a column of a CSV file with a header. A duration has a unit (`120ms`), or is
a number of milliseconds. Empty lines, and lines that begin with #, are passed over.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from wedload.errors import Problem
from wedload.plan.confinement import FileRefusedError, report_unreadable
from wedload.plan.expressions.expression import suggest
from wedload.plan.latency import Empirical
from wedload.units import NS_PER_MS, UNIT_NS, parse_duration_ns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wedload.plan.draft import Draft
    from wedload.plan.model import Plan
    from wedload.plan.positions import Path as KeyPath

#: they travel with the plan to every process
MOST_VALUES: Final = 100_000
_MOST_BYTES: Final = 20_000_000
_MOST_PROBLEMS: Final = 5  # of one file; the rest is most likely the same mistake
_LONGEST_NS: Final = UNIT_NS["h"]  # what a measured duration can be at most

#: number of the line, and what stands there
Entry = tuple[int, str]


@dataclass(slots=True)
class _Reader:
    draft: Draft
    digests: dict[str, str] = field(default_factory=dict)
    _read: dict[Empirical, Empirical] = field(default_factory=dict)  # by what the plan says

    def filled(self, path: KeyPath, latency: Any) -> Any:
        """A latency with what its file holds; others are as they are."""
        if not isinstance(latency, Empirical) or self.draft.damaged(path):
            return latency
        if latency not in self._read:
            self._read[latency] = self._filled(path, latency)
        return self._read[latency]

    def _filled(self, path: KeyPath, latency: Empirical) -> Empirical:
        place = self.draft.folders.base / latency.file
        try:
            content = self.draft.folders.read(latency.file, most_bytes=_MOST_BYTES)
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            self.draft.report(path, f'"{latency.file}" is not UTF-8 text; save it as UTF-8')
            return latency
        except (OSError, FileRefusedError) as error:
            report_unreadable(self.draft, path, latency.file, error)
            return latency
        self.digests[f"file {latency.file}"] = hashlib.sha256(content).hexdigest()
        try:
            entries = _entries(text, latency)
        except ValueError as error:
            self.draft.report(path, str(error))
            return latency
        return replace(latency, values_ns=tuple(sorted(self._values(path, place, entries))))

    def _values(self, path: KeyPath, place: Path, entries: list[Entry]) -> list[int]:
        values: list[int] = []
        wrong: list[Problem] = []
        for line, entry in entries:
            try:
                values.append(_duration_ns(entry))
            except ValueError as error:
                wrong.append(Problem(str(place), line, str(error)))
        self.draft.problems.extend(wrong[:_MOST_PROBLEMS])
        if not wrong and not values:
            self.draft.report(path, f"there is no duration in {place}")
        elif len(values) > MOST_VALUES:
            self.draft.report(
                path,
                f"{place} has {len(values):,} durations, and {MOST_VALUES:,} are the most that is"
                " taken",
                "a sample of them has the same distribution",
            )
        return values


def read_latencies(draft: Draft, plan: Plan) -> tuple[Plan, dict[str, str]]:
    """The plan with all durations that its latencies need, and the SHA-256 of each file, by name.

    What is wrong with a file is reported in it, or where the plan names it.
    """
    reader = _Reader(draft)
    dependencies = {}
    for name, dependency in plan.dependencies.items():
        path: KeyPath = ("dependencies", name)
        dependencies[name] = replace(
            dependency,
            latency=reader.filled((*path, "latency"), dependency.latency),
            routes=tuple(
                replace(
                    route,
                    latency=reader.filled((*path, "routes", index, "latency"), route.latency),
                )
                for index, route in enumerate(dependency.routes)
            ),
        )
    faults = tuple(
        replace(fault, latency=reader.filled(("faults", index, "latency"), fault.latency))
        for index, fault in enumerate(plan.faults)
    )
    return replace(plan, dependencies=dependencies, faults=faults), reader.digests


def _entries(text: str, latency: Empirical) -> list[Entry]:
    """What of a file is to be a duration; raises ValueError."""
    in_columns = latency.column is not None or latency.file.lower().endswith(".csv")
    return list(_column(text, latency) if in_columns else _lines(text))


def _lines(text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.splitlines(), start=1):
        if (entry := line.strip()) and not entry.startswith("#"):
            yield number, entry


def _column(text: str, latency: Empirical) -> Iterator[Entry]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        at = _place(header, latency)
        if at is None:  # no header: a list of durations that is called .csv
            yield from _lines(text)
            return
        for cells in reader:
            if cells:
                yield reader.line_num, cells[at].strip() if at < len(cells) else ""
    except csv.Error as error:
        raise ValueError(f'"{latency.file}" is not CSV: {error}') from None


def _place(header: list[str], latency: Empirical) -> int | None:
    """Where the column stands; None: there is one alone, and it has no name."""
    if latency.column is not None:
        if latency.column in header:
            return header.index(latency.column)
        near = suggest(latency.column, header) or f"; there are: {', '.join(header)}"
        raise ValueError(f'"{latency.file}" has no column "{latency.column}"{near}')
    if len(header) > 1:
        raise ValueError(
            f'"{latency.file}" has several columns; write'
            f' empirical("{latency.file}", column="…") with one of: {", ".join(header)}'
        )
    try:
        _duration_ns(header[0] if header else "0")
    except ValueError:
        return 0
    return None


def _duration_ns(entry: str) -> int:
    """Read `120ms`, or 120 as as many ms; raises ValueError."""
    try:
        ms = float(entry)
    except ValueError:
        found_ns = parse_duration_ns(entry)
    else:
        if not math.isfinite(ms) or ms < 0:
            raise ValueError(f"{entry!r} is not a duration: it is below zero, or no number")
        found_ns = round(ms * NS_PER_MS)
    if found_ns > _LONGEST_NS:
        raise ValueError(f"{entry!r} is longer than an hour")
    return found_ns
