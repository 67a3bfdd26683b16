"""`wedload report`, and the report of `wedload run --report`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from wedload.cli.output import require_writable
from wedload.errors import ResultError, UsageError, WedloadError
from wedload.report.console import SafeConsole
from wedload.report.html.page import report_page
from wedload.report.html.plotly_script import require_plotly
from wedload.results.read import read_result
from wedload.results.save import save

if TYPE_CHECKING:
    from pathlib import Path

    from wedload.results.model import Result


def report_command(path: Path, output: Path | None) -> None:
    """Make an HTML report of a result file, or of the recording of a run that was cut off.

    Raises:
        ResultError: the file is not a result, or its histograms cannot be decoded.
        UsageError: the report cannot be written there.
        WedloadError: Plotly is missing, or writing failed.
    """
    beside = path.with_name(path.name.removesuffix(".partial")).with_suffix(".html")
    target = output or beside
    if target.absolute() == path.absolute():
        raise UsageError(f"-o {target} is the result itself", f"write -o {beside}")
    result = read_result(path)
    require_writable(target, "-o", "report.html")
    try:
        page = report_page(result)
    except ValueError as error:
        raise ResultError(
            f"{path} has a histogram that cannot be read: {error}",
            "it was changed: run the plan again",
        ) from None
    write_report(page, target)
    SafeConsole(stderr=True).print(Text(f" report: {target}", style="dim"), soft_wrap=True)


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
    try:
        save(page.encode(), output, make_folder=False)
    except OSError as error:
        raise WedloadError(
            f"the report could not be written to {output}: {error.strerror}"
        ) from None
