"""`wedload history`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import typer
from rich.progress import Progress
from rich.text import Text

from wedload.cli.output import print_json
from wedload.comparison.history import (
    Entry,
    LeftOut,
    join,
    label_of,
    metric_course,
    row_courses,
)
from wedload.errors import ExitCode, UsageError
from wedload.plan.measure import parse_measure
from wedload.report.columns import WIDTH
from wedload.report.console import SafeConsole
from wedload.report.history import Report, as_data, as_markdown, as_text
from wedload.results.headline import read_headline
from wedload.results.read import json_files
from wedload.results.steps import step_metrics

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from wedload.cli.options import HistoryFormat
    from wedload.comparison.history import Course
    from wedload.results.headline import Headline

_MANY: Final = 20  # files from which on it is said how far reading is


@dataclass(frozen=True, slots=True)
class HistoryArguments:
    """The options of `wedload history`, as given."""

    folder: Path
    metrics: tuple[str, ...]
    row: str | None
    tag: str | None
    last: int
    output_format: HistoryFormat


def history_command(arguments: HistoryArguments) -> int:
    """Show how runs went over time; the exit code."""
    if arguments.metrics and arguments.row is not None:
        raise UsageError("--metric and --row exclude each other", "give one of them")
    if not arguments.folder.is_dir():
        raise UsageError(f"{arguments.folder} is no folder", "name one that holds result files")
    entries, broken = _read(arguments.folder)
    joined, left_out = join(entries)
    left_out = [*left_out, *broken]
    if not joined:
        return _nothing(arguments.folder, left_out)
    heads = [one.head for one in joined[-arguments.last :]]
    label = arguments.tag or label_of(heads)
    report = Report(heads, _courses(heads, arguments), left_out, label)
    _print(report, arguments.output_format)
    return int(ExitCode.OK)


def _courses(heads: Sequence[Headline], arguments: HistoryArguments) -> list[Course]:
    try:
        if arguments.metrics:
            measures = [parse_measure(text) for text in arguments.metrics]
            return [metric_course(heads, one, of=len(measures)) for one in measures]
        courses = row_courses(heads, arguments.row)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not courses:
        raise UsageError(
            "the newest run has no benchmark rows",
            f"--metric '{step_metrics(heads[-1].metrics).duration}: p95'",
        )
    return courses


def _read(folder: Path) -> tuple[list[Entry], list[LeftOut]]:
    """Every result in a folder and those below it; and what looks like one but is not."""
    files = json_files(folder)
    entries, broken = [], []
    console = SafeConsole(stderr=True)
    shown = len(files) >= _MANY and console.is_terminal
    with Progress(console=console, transient=True, disable=not shown) as progress:
        for file in progress.track(files, description="reading"):
            name = str(file.relative_to(folder))
            try:
                head = read_headline(file)
            except (OSError, ValueError) as error:
                broken.append(LeftOut(name, str(error)))
                continue
            if head is not None:
                entries.append(Entry(name, head))
    return entries, broken


def _nothing(folder: Path, left_out: Sequence[LeftOut]) -> int:
    console = SafeConsole(stderr=True)
    if not left_out:
        raise UsageError(
            f"there are no results in {folder}",
            "keep those of `wedload run` there: -o FOLDER/$(date +%Y%m%d-%H%M%S).json",
        )
    console.print(Text(f"none of the {len(left_out)} results in {folder} can be used:"))
    for one in left_out:
        console.print(Text(f"  {one.file}: {one.why}"), soft_wrap=True)
    return int(ExitCode.INVALID)


def _print(report: Report, output_format: str) -> None:
    match output_format:
        case "json":
            print_json(as_data(report))
        case "markdown":
            typer.echo(as_markdown(report), nl=False)
        case _:
            console = SafeConsole(width=WIDTH, highlight=False)
            for line in as_text(report):
                console.print(line, soft_wrap=True)
