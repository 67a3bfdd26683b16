"""Where the control sockets of this user's runs lie: a folder that nobody else can enter."""

from __future__ import annotations

import os
import socket
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from wedload.errors import WedloadError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SUFFIX: Final = ".sock"
_TAKEN_S: Final = 1.0  # in which one that lives takes a connection
_LONGEST_PATH: Final = 100  # bytes; sockaddr_un holds 108 on Linux, 104 elsewhere


def control_folder() -> Path:
    """The folder; it need not exist."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    return Path(runtime or tempfile.gettempdir()) / f"wedload-{os.getuid()}"


def make_control_folder() -> Path:
    """The folder, made if need be.

    Raises:
        OSError: it cannot be made, or somebody else could enter it.
    """
    folder = control_folder()
    above = folder.parent.stat().st_mode
    if above & stat.S_IWOTH and not above & stat.S_ISVTX:
        raise PermissionError(f"anybody could put another folder in the place of {folder}")
    folder.mkdir(mode=0o700, exist_ok=True)
    if not is_owners_alone(folder):
        raise PermissionError(f"{folder} is not a folder that only its owner can enter")
    return folder


def is_owners_alone(folder: Path) -> bool:
    """Whether it is a folder, no link to one, of this user, that nobody else can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == os.getuid()
        and not stat.S_IMODE(found.st_mode) & 0o077
    )


def socket_of(folder: Path, run_id: str) -> Path:
    """The socket of a run."""
    return folder / f"{run_id}{_SUFFIX}"


def open_runs() -> dict[str, Path]:
    """Ids of this user's runs that have a socket, in order of their start.

    Raises:
        WedloadError: somebody else could have put sockets there.
    """
    folder = control_folder()
    if os.path.lexists(folder) and not is_owners_alone(folder):
        raise WedloadError(
            f"{folder} is not a folder that only its owner can enter: what is in it may not be "
            "your runs",
            f"if it is yours: chmod 700 {folder}",
        )
    return {path.stem: path for path in sorted(folder.glob(f"*{_SUFFIX}"))}


def chosen_run(run_id: str | None) -> Path:
    """The socket of a run; without an id, of the only one there is.

    Raises:
        WedloadError: there is no such run, or several to choose from.
    """
    runs = open_runs()
    listed = f"under way: {', '.join(runs)}" if runs else None
    if run_id is not None:
        if run_id not in runs:
            raise WedloadError(f"no run {run_id} is under way here", listed)
        return runs[run_id]
    if not runs:
        raise WedloadError("no run is under way here", "start one: wedload run PLAN")
    if len(runs) > 1:
        raise WedloadError(f"{len(runs)} runs are under way", f"choose: --run {' | '.join(runs)}")
    return next(iter(runs.values()))


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """An address of a socket's path that fits into one, however long the path is.

    Raises:
        OSError: the folder cannot be opened.
    """
    if len(os.fsencode(path)) <= _LONGEST_PATH:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def remove_dead_sockets(folder: Path) -> None:
    """Remove the sockets of runs that were killed."""
    for path in folder.glob(f"*{_SUFFIX}"):
        with suppress(OSError):  # somebody else's is left alone
            if (connection := _connect(path, _TAKEN_S)) is not None:
                connection.close()


def connected(path: Path, timeout_s: float) -> socket.socket:
    """A connection to a run's socket.

    Raises:
        WedloadError: the run is gone, or cannot be reached.
    """
    try:
        connection = _connect(path, timeout_s)
    except OSError as error:
        raise WedloadError(f"the run {path.stem} cannot be reached: {error}") from None
    if connection is None:
        raise WedloadError(f"the run {path.stem} is gone; its socket was left, and is removed now")
    return connection


def _connect(path: Path, timeout_s: float) -> socket.socket | None:
    """A connection; None, and the socket removed, if nobody listens on it any more."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(timeout_s)
    try:
        with short_address(path) as address:
            connection.connect(address)
    except (ConnectionRefusedError, FileNotFoundError):
        connection.close()
        path.unlink(missing_ok=True)
        return None
    except OSError:
        connection.close()
        raise
    return connection
