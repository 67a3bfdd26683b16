"""Files that a command is asked to write: whether it can, said before the work and not after."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wedload.errors import UsageError

if TYPE_CHECKING:
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
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{option} {output}: the folder {folder} cannot be written to")
