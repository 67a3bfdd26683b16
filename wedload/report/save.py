"""Writing a result so that a reader never sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def save(data: bytes, path: Path, *, make_folder: bool) -> None:
    """Write a file whole or not at all: to a temporary one beside it, which then takes its name.

    Raises:
        OSError: it could not be written; an older file of that name is untouched.
    """
    if make_folder:
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
