"""Where else a result goes: JUnit XML, CSV and Markdown, each to a file of its own.

Paths are checked before a run, not after it. One file that cannot be written is told of, and costs
neither the verdict nor the others.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

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


@dataclass(frozen=True, slots=True)
class Outputs:
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

    def require_folders(self, output: Path | None = None) -> None:
        """Say now what could not be written; `output` is where the result itself goes.

        Raises:
            UsageError: a folder is not there or not writable, or two options name one file.
        """
        taken = {} if output is None else {output.resolve(): "-o"}
        for option, path in self._asked():
            require_folder(path, option)
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


def require_folder(output: Path, option: str = "-o") -> None:
    """Say before the run, not after it, that its result could not be written.

    Raises:
        UsageError: there is no such folder, it cannot be written to, or the path is one itself.
    """
    folder = output.absolute().parent
    if not folder.is_dir():
        raise UsageError(
            f"{option} {output}: the folder {folder} does not exist", f"mkdir -p {folder}"
        )
    if output.is_dir():
        raise UsageError(
            f"{option} {output} is a folder", f"name a file: {option} {output / 'result'}"
        )
    if output.exists() and not output.is_file():  # a device is written to, not replaced
        if not os.access(output, os.W_OK):
            raise UsageError(f"{option} {output} cannot be written to")
    elif not os.access(folder, os.W_OK):
        raise UsageError(f"{option} {output}: the folder {folder} cannot be written to")
