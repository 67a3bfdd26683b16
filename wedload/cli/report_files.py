"""Where else a result goes: JUnit XML, CSV and Markdown, each to a file of its own.

Paths are checked before a run, not after it. One file that cannot be written is told of, and costs
neither the verdict nor the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.cli.output import require_writable, write_file
from wedload.errors import WedloadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from wedload.results.model import Result

#: option -> how names of such files end
_SUFFIX: Final = {"--junit": ".xml", "--csv": ".csv", "--markdown": ".md"}


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """The files that were asked for; None: not asked for."""

    junit: Path | None = None
    csv: Path | None = None
    markdown: Path | None = None

    def asked(self) -> Iterator[tuple[str, Path]]:
        """Each option that was given, with its file."""
        for option, path in zip(_SUFFIX, (self.junit, self.csv, self.markdown), strict=True):
            if path is not None:
                yield option, path

    def __bool__(self) -> bool:
        return any(self.asked())

    def require_writable(self) -> None:
        """Say now what could not be written.

        Raises:
            UsageError: a folder is not there or not writable.
        """
        for option, path in self.asked():
            require_writable(path, option, f"load{_SUFFIX[option]}")

    def write(self, result: Result) -> list[str]:
        """Write all that can be written; a sentence for each that cannot."""
        problems = []
        for option, path in self.asked():
            try:
                write_file(_rendered(result, option), path, option)
            except WedloadError as error:
                problems.append(error.message)
        return problems


def _rendered(result: Result, option: str) -> str:
    """The text of such a file."""
    # most runs are asked for none: one of them is imported
    match option:
        case "--junit":
            from wedload.report.junit import junit as made
        case "--csv":
            from wedload.report.table_csv import table_csv as made
        case _:
            from wedload.report.markdown import markdown as made
    return made(result)
