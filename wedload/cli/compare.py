"""`wedload compare`."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.text import Text

from wedload.cli.output import damaged, require_distinct, require_writable, write_file
from wedload.cli.report import check_report, write_report
from wedload.cli.sides import read_side, require_two_sides
from wedload.comparison.comparable import why_not
from wedload.comparison.compare import compare
from wedload.comparison.k6 import points_of_k6
from wedload.comparison.model import RunOf, Settings, SideOf
from wedload.comparison.rough import Points, points_of_result, rough_comparison
from wedload.comparison.sides import Sided, side_of
from wedload.errors import ExitCode, UsageError
from wedload.report.comparison.document import as_json
from wedload.report.comparison.html import as_html
from wedload.report.comparison.junit import as_junit
from wedload.report.comparison.markdown import as_markdown
from wedload.report.comparison.table import STYLES, print_comparison
from wedload.report.console import SafeConsole
from wedload.units import NS_PER_MS, parse_duration_ns, parse_ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.status import Status

    from wedload.cli.options import CompareFormat
    from wedload.cli.sides import SideFiles
    from wedload.comparison.model import Comparison

FORMATS: Final[dict[str, Callable[[Comparison], str]]] = {
    "json": as_json,
    "markdown": as_markdown,
    "junit": as_junit,
}
_SUFFIXES: Final = {"table": "txt", "json": "json", "markdown": "md", "junit": "xml"}
_EXITS: Final = {
    "regression": ExitCode.MISSED,
    "no-regression": ExitCode.OK,
    "inconclusive": ExitCode.INVALID,
}
_QUIET_S: Final = 1.0  # what takes longer says how far it is


@dataclass(frozen=True, slots=True)
class CompareArguments:
    """The options of `wedload compare`, as given."""

    base: Path
    current: Path
    margin: str
    floor: str
    share_margin: str
    output_format: CompareFormat
    output: Path | None
    seed: int
    report: Path | None = None


def compare_command(arguments: CompareArguments) -> int:
    """Compare, print or save; the exit code."""
    settings = Settings(
        margin=_ratio("--margin", arguments.margin),
        floor_ms=_floor(arguments.floor),
        share_margin=_ratio("--share-margin", arguments.share_margin),
        seed=arguments.seed,
    )
    if arguments.output is not None:
        require_writable(arguments.output, "-o", f"comparison.{_SUFFIXES[arguments.output_format]}")
    if arguments.report is not None:
        check_report(arguments.report)
    base, current = read_side(arguments.base), read_side(arguments.current)
    require_two_sides(base, current, (arguments.base, arguments.current))
    require_distinct(
        {"-o": arguments.output, "--report": arguments.report},
        {"a result of BASE": base.files, "a result of CURRENT": current.files},
    )
    console = SafeConsole(stderr=True)
    comparison = _compared(base, current, settings, console)
    left_out = [*base.left_out, *current.left_out]
    comparison = replace(comparison, notes=[*comparison.notes, *left_out])
    if arguments.report is not None:
        _report(comparison, base, current, arguments.report)
    _put_out(comparison, arguments, console)
    return int(_EXITS[comparison.outcome])


def _compared(
    base: SideFiles, current: SideFiles, settings: Settings, console: Console
) -> Comparison:
    if base.k6 or current.k6 or (_lacks_seconds(base, current) and not _forbidden(base, current)):
        return rough_comparison(
            _points(base), _points(current), (_side(base), _side(current)), settings
        )
    watch = _Watch(console)
    try:
        return compare(
            Sided(base.label, base.results), Sided(current.label, current.results), settings,
            watch.tell,
        )  # fmt: skip
    except ValueError as error:
        raise damaged(f"a result of {base.label} or {current.label}", error) from None
    finally:
        watch.close()


def _report(comparison: Comparison, base: SideFiles, current: SideFiles, path: Path) -> None:
    if comparison.method == "points":
        raise UsageError(
            "--report needs results with figures by second on both sides",
            "leave --report out for what k6 exported",
        )
    write_report(as_html(comparison, base.results[0].result, current.results[0].result), path)


class _Watch:
    """Says how far a comparison is, if it takes long and somebody looks."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begin_s = time.monotonic()
        self._status: Status | None = None

    def tell(self, done: int, of: int) -> None:
        """Rows done, of all."""
        text = f"comparing: {done} of {of} rows"
        if self._status is not None:
            self._status.update(text)
        elif self._console.is_terminal and time.monotonic() - self._begin_s > _QUIET_S:
            self._status = self._console.status(text)
            self._status.start()

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._status is not None:
            self._status.stop()


def _lacks_seconds(base: SideFiles, current: SideFiles) -> bool:
    return not all(one.result.series.second for one in (*base.results, *current.results))


def _forbidden(base: SideFiles, current: SideFiles) -> bool:
    return bool(why_not(base.results, current.results))


def _points(side: SideFiles) -> list[Points]:
    found = [Points(points_of_k6(data), "k6 exports a summary") for _, data in side.k6]
    for one in side.results:
        origin = "" if one.result.series.second else f"{one.name} has no figures by second"
        found.append(Points(points_of_result(one.result), origin))
    return found


def _side(side: SideFiles) -> SideOf:
    runs = [RunOf(Path(name).stem, name, None, None, None, {}) for name, _ in side.k6]
    if not side.results:
        return SideOf(side.label, None, None, runs)
    made = side_of(Sided(side.label, side.results))
    return SideOf(made.label, made.plan, made.target, [*made.runs, *runs])


def _put_out(comparison: Comparison, arguments: CompareArguments, console: Console) -> None:
    """The format to stdout or to a file; of all but a table on stdout the gist to stderr."""
    if arguments.output_format == "table" and arguments.output is None:
        print_comparison(comparison, SafeConsole())
        return
    if arguments.output_format == "table":
        data = _as_text(comparison)
    else:
        data = FORMATS[arguments.output_format](comparison)
    if arguments.output is None:
        sys.stdout.write(data)
        sys.stdout.flush()
    else:
        write_file(data, arguments.output, "the comparison")
    style = STYLES[comparison.outcome]
    console.print(Text(comparison.headline, style=style), soft_wrap=True)
    for line in comparison.reasons:
        console.print(Text(f"  {line}"), soft_wrap=True)


def _as_text(comparison: Comparison) -> str:
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(file=nowhere, width=80, record=True)
        print_comparison(comparison, console)
        return console.export_text()


def _ratio(option: str, text: str) -> float:
    try:
        value = parse_ratio(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None
    if not 0 < value < 1:
        raise UsageError(
            f"{option} {text} is not between 0% and 100%", f"write {option} 5% or {option} 0.05"
        )
    return value


def _floor(text: str) -> float:
    try:
        return parse_duration_ns(text) / NS_PER_MS
    except ValueError as error:
        raise UsageError(f"--floor: {error}") from None
