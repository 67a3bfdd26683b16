"""`wedload analyze`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from wedload.analysis.analyse import analyse
from wedload.cli.output import damaged, print_json
from wedload.report.analysis import print_analysis
from wedload.report.console import SafeConsole
from wedload.report.markdown_analysis import as_markdown
from wedload.results.read import read_result

if TYPE_CHECKING:
    from pathlib import Path

    from wedload.cli.options import AnalysisFormat


def analyze_command(path: Path, output_format: AnalysisFormat) -> None:
    """Analyse a result anew, whatever analysis it has, and put that out.

    The recording of a run that was cut off will do as well.

    Raises:
        ResultError: the file is not a result, or its histograms cannot be decoded.
    """
    result = read_result(path)
    try:
        found = analyse(result)
    except ValueError as error:
        raise damaged(path, error) from None
    match output_format:
        case "json":
            print_json(found.model_dump(mode="json"))
        case "markdown":
            sys.stdout.write(as_markdown(result, found))
            sys.stdout.flush()
        case _:
            print_analysis(result, found, SafeConsole())
