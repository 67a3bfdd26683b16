"""A directory for one server's database, removed when it ends. Knows nothing of what is in it.

A server that was killed cannot clean up. So each holds a lock on its directory, which the kernel
releases however it ends, and the next server to start removes the directories nobody holds.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "wedload-sandbox-"
_LOCK = "lock"
# A directory without a lock is one that is just being made, or whose maker was killed right then.
_SURELY_ABANDONED_S = 60.0


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A fresh directory; what killed servers left behind is removed first."""
    remove_abandoned(Path(tempfile.gettempdir()))
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name,
        (Path(name) / _LOCK).open("wb") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield Path(name)


def remove_abandoned(parent: Path) -> None:
    """Remove this user's sandbox directories in `parent` that no running server holds."""
    for directory in parent.glob(f"{PREFIX}*"):
        try:
            if directory.is_symlink() or directory.stat().st_uid != os.getuid():
                continue
            if _is_abandoned(directory):
                shutil.rmtree(directory, ignore_errors=True)
        except OSError:  # it went away meanwhile, or is not ours to touch
            continue


def _is_abandoned(directory: Path) -> bool:
    try:
        lock = (directory / _LOCK).open("rb")
    except FileNotFoundError:
        return time.time() - directory.stat().st_mtime > _SURELY_ABANDONED_S
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
