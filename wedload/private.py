"""Folders of run data: what a run found, sent and has yet to delete is its user's alone."""

from __future__ import annotations

from pathlib import Path


def make_private(folder: str | Path) -> None:
    """Make a folder, and those around it that are missing, for their owner alone.

    Those that are there already stay as they are.

    Raises:
        OSError: one cannot be made.
    """
    path = Path(folder)
    if not path.is_dir():
        make_private(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)
