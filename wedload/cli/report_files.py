"""Where else a result goes: JUnit XML, CSV and Markdown, each to a file of its own.

Paths are checked before a run, not after it. One file that cannot be written is told of, and costs
neither the verdict nor the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from wedload.cli.output import require_writable
from wedload.errors import UsageError
from wedload.report.junit import junit
from wedload.report.markdown import markdown
from wedload.report.table_csv import table_csv
from wedload.results.save import save

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from wedload.results.model import Result

_RENDER: Final[Mapping[str, Callable[[Result], str]]] = {
    "--junit": junit,
    "--csv": table_csv,
    "--markdown": markdown,
}
_SUFFIX: Final = {"--junit": ".xml", "--csv": ".csv", "--markdown": ".md"}


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """The files that were asked for; None: not asked for."""

    junit: Path | None = None
    csv: Path | None = None
    markdown: Path | None = None

    def _asked(self) -> Iterator[tuple[str, Path]]:
        for option, path in zip(_RENDER, (self.junit, self.csv, self.markdown), strict=True):
            if path is not None:
                yield option, path

    def __bool__(self) -> bool:
        return any(self._asked())

    def require_writable(self, others: Mapping[str, Path | None]) -> None:
        """Say now what could not be written; `others` are files that other options name.

        Raises:
            UsageError: a folder is not there or not writable, or two options name one file.
        """
        taken = {path.resolve(): option for option, path in others.items() if path is not None}
        for option, path in self._asked():
            require_writable(path, option, f"load{_SUFFIX[option]}")
            place = path.resolve()
            if place in taken and (place.is_file() or not place.exists()):
                raise UsageError(
                    f"{taken[place]} and {option} name the same file: {path}",
                    "give each a file of its own",
                )
            taken[place] = option

    def write(self, result: Result) -> list[str]:
        """Write all that can be written; a sentence for each that cannot."""
        problems = []
        for option, path in self._asked():
            try:
                save(_RENDER[option](result).encode(), path, make_folder=False)
            except OSError as error:
                why = error.strerror or error
                problems.append(f"{option} could not be written to {path}: {why}")
        return problems
