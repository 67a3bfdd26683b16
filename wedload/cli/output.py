"""What a command puts out: files that it is asked to write, and JSON.

Whether a file can be written is said before the work and not after it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import orjson
import typer

from wedload.errors import ResultError, UsageError, WedloadError
from wedload.results.save import save
from wedload.safety.redactor import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def require_writable(output: Path, option: str, name: str) -> None:
    """Check the place that `option` names; `name` is what such a file is usually called.

    Raises:
        UsageError: it is no place for a file, or may not be written to.
    """
    folder = output.absolute().parent
    if not folder.is_dir():
        raise UsageError(
            f"{option} {output}: the folder {folder} does not exist", f"mkdir -p {folder}"
        )
    if output.is_dir():
        raise UsageError(f"{option} {output} is a folder", f"name a file: {option} {output / name}")
    if output.exists() and not output.is_file():  # a device is written to, not replaced
        if not os.access(output, os.W_OK):
            raise UsageError(f"{option} {output} cannot be written to")
    elif not os.access(folder, os.W_OK):
        raise UsageError(f"{option} {output}: the folder {folder} cannot be written to")


def require_distinct(
    outputs: Mapping[str, Path | None], inputs: Mapping[str, Iterable[Path]]
) -> None:
    """Refuse options that would write one file over another, or over what the command reads.

    `outputs` are paths by option, None where one is not given; `inputs` are files by what they are.
    A device may be named as often as one likes.

    Raises:
        UsageError: names both.
    """
    read = {path.resolve(): what for what, paths in inputs.items() for path in paths}
    taken: dict[Path, str] = {}
    for option, path in outputs.items():
        if path is None or (path.exists() and not path.is_file()):
            continue
        place = path.resolve()
        if place in read:
            raise UsageError(f"{option} {path} is {read[place]}", "name another file")
        if place in taken:
            raise UsageError(
                f"{taken[place]} and {option} name the same file: {path}",
                "give each a file of its own",
            )
        taken[place] = option


def write_file(text: str, path: Path, what: str) -> None:
    """Write a file whole or not at all; `what` begins the sentence if it cannot be.

    Raises:
        WedloadError: says why.
    """
    try:
        save(text.encode(), path, make_folder=False)
    except OSError as error:
        why = error.strerror or error
        raise WedloadError(f"{what} could not be written to {path}: {why}") from None


def damaged(path: Path | str, error: ValueError) -> ResultError:
    """A result is one, but for a histogram of it."""
    return ResultError(
        f"{path} has a histogram that cannot be read: {error}", "it was changed: run the plan again"
    )


def print_json(data: Any) -> None:
    """Print a document to stdout, as people and programs read it."""
    typer.echo(orjson.dumps(KNOWN.document(data), option=orjson.OPT_INDENT_2))
