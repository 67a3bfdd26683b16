"""The stop file: as long as it is there runs end, and none begins.

It is the switch for whoever cannot reach a run otherwise: a script, a file system that several
machines share, a person without a terminal. It says where the file is and what it tells, not what a
run does then: see wedload.run.kill_switch.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wedload.control.folder import control_folder, is_owners_alone
from wedload.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "WEDLOAD_STOP_FILE"
_NAME: Final = "STOP"
_READ_BYTES: Final = 1_000
_LONGEST_REASON: Final = 200  # characters


def stop_file(environ: Mapping[str, str]) -> Path:
    """Where the file is looked for, absolute."""
    named = environ.get(VARIABLE)
    return Path(named).absolute() if named else control_folder() / _NAME


def stop_reason(environ: Mapping[str, str]) -> str | None:
    """The first line of the file; None: it is not there.

    One in a control folder that is not this user's alone is nobody's to obey.
    """
    path = stop_file(environ)
    if not environ.get(VARIABLE) and not is_owners_alone(path.parent):
        return None
    try:
        path.stat()
    except OSError:
        return None
    return _first_line(path)


def require_no_stop_file(environ: Mapping[str, str]) -> None:
    """Refuse to begin a run while the file is there.

    Raises:
        UsageError: it is.
    """
    reason = stop_reason(environ)
    if reason is None:
        return
    path = stop_file(environ)
    says = f", which says: {reason}" if reason else ""
    raise UsageError(
        f"no run begins while there is the stop file {path}{says}",
        f"if load may go out again: rm {path}",
    )


def _first_line(path: Path) -> str:
    """What people are shown of it; empty where there is nothing to read, or it is no plain file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        text = os.read(descriptor, _READ_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    line = text.lstrip().partition("\n")[0]
    plain = "".join(one for one in line if unicodedata.category(one)[0] != "C")
    return " ".join(plain.split())[:_LONGEST_REASON]
