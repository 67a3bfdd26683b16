"""`wedload report`, and the report of `wedload run --report`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wedload.cli.output import damaged, require_distinct, require_writable, write_file
from wedload.errors import WedloadError
from wedload.report.console import SafeConsole
from wedload.report.html.page import report_page
from wedload.report.html.plotly_script import require_plotly
from wedload.results.read import read_result
from wedload.run.analysing import with_analysis

if TYPE_CHECKING:
    from pathlib import Path

    from wedload.cli.report_files import ReportFiles
    from wedload.results.model import Result


def report_command(path: Path, output: Path | None, files: ReportFiles) -> None:
    """Make an HTML report of a result file, or the files that are asked for instead.

    The recording of a run that was cut off will do as well.

    Raises:
        ResultError: the file is not a result, or its histograms cannot be decoded.
        UsageError: the report cannot be written there.
        WedloadError: Plotly is missing, or writing failed.
    """
    beside = path.with_name(path.name.removesuffix(".partial")).with_suffix(".html")
    target = output if output is not None or files else beside
    require_distinct({"-o": target, **dict(files.asked())}, {"the result itself": [path]})
    result = with_analysis(read_result(path))
    try:
        if files:
            _write_files(result, files)
        if target is not None:
            _write_page(result, target)
    except ValueError as error:
        raise damaged(path, error) from None


def _write_page(result: Result, target: Path) -> None:
    require_writable(target, "-o", "report.html")
    write_report(report_page(result), target)
    SafeConsole(stderr=True).print(Text(f" report: {target}", style="dim"), soft_wrap=True)


def _write_files(result: Result, files: ReportFiles) -> None:
    files.require_writable()
    if problems := files.write(result):
        raise WedloadError("; ".join(problems))


def check_report(output: Path) -> None:
    """Say before a run that its report could not be made.

    Raises:
        UsageError: it cannot be written there.
        NoPlotlyError: Plotly is missing.
    """
    require_writable(output, "--report", "report.html")
    require_plotly()


def report_run(result: Result, output: Path) -> str | None:
    """Make the report of a run that is over; None, or why it could not be made."""
    try:
        write_report(report_page(result), output)
    except (WedloadError, ValueError) as error:
        words = error.message if isinstance(error, WedloadError) else str(error)
        return f"no report: {words}; `wedload report` makes it from the result"
    return None


def write_report(page: str, output: Path) -> None:
    """Write it whole or not at all.

    Raises:
        WedloadError: it cannot be written.
    """
    write_file(page, output, "the report")
