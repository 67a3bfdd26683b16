"""Commands that may open only so many files."""

from __future__ import annotations


def at_most(files: int) -> tuple[str, ...]:
    """Runs a command with a hard limit of open files."""
    return ("sh", "-c", f'ulimit -n {files}; exec "$0" "$@"')
