"""Runs something and sees what it opens, starts and connects to: by Python's own audit events.

A hook cannot be taken away again, so there is one, and it notes only while somebody watches.
Source: https://docs.python.org/3/library/audit_events.html.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

#: what reads, writes or lists files
FILES = frozenset(
    {
        "open", "os.chmod", "os.chown", "os.link", "os.listdir", "os.mkdir", "os.remove",
        "os.rename", "os.rmdir", "os.scandir", "os.symlink", "os.truncate", "os.utime", "os.mkfifo",
        "shutil.copyfile", "shutil.rmtree", "tempfile.mkstemp", "glob.glob", "pathlib.Path.glob",
    }
)  # fmt: skip
#: what reaches out, or runs something else
OTHERS = frozenset(
    {
        "ctypes.dlopen", "os.exec", "os.fork", "os.forkpty", "os.kill", "os.posix_spawn",
        "os.putenv", "os.spawn", "os.system", "pickle.find_class", "socket.bind",
        "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto",
        "subprocess.Popen", "webbrowser.open",
    }
)  # fmt: skip
#: where modules come from that are imported only now
_CODE = tuple({os.path.realpath(one) for one in (sys.prefix, sys.base_prefix, *sys.path) if one})
_SUFFIXES = (".py", ".pyc", ".so")


class TooLongError(BaseException):
    """What was watched did not end; no `except Exception` holds this up."""


@dataclass
class Seen:
    """What happened: events by name, each with what it was about."""

    events: list[tuple[str, str]] = field(default_factory=list)

    def outside(self, *folders: Path) -> list[tuple[str, str]]:
        """What was done elsewhere than below these folders; reading of code is not counted."""
        allowed = [Path(os.path.realpath(one)) for one in folders]
        return [
            (event, what)
            for event, what in self.events
            if event in OTHERS
            or not any(Path(os.path.realpath(what)).is_relative_to(one) for one in allowed)
        ]


_watching: list[Seen] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching or event not in FILES | OTHERS:
        return
    what = arguments[0] if arguments else ""
    if event == "open" and isinstance(what, int):
        return  # a descriptor, which was opened already
    text = os.fsdecode(what) if isinstance(what, str | bytes | os.PathLike) else repr(arguments)
    if event in {"open", "os.listdir", "os.scandir"} and _is_code(event, text):
        return
    _watching[-1].events.append((event, text))


def _is_code(event: str, text: str) -> bool:
    real = os.path.realpath(text)
    return real.startswith(_CODE) and (event != "open" or real.endswith(_SUFFIXES))


sys.addaudithook(_note)


@contextmanager
def watched(*, within_s: int, memory_bytes: int) -> Iterator[Seen]:
    """What happens within: for so long at most, with so much more memory at most."""
    seen = Seen()

    def late(*_: Any) -> None:
        raise TooLongError(f"not over within {within_s} s")

    handler = signal.signal(signal.SIGALRM, late)
    timer = signal.setitimer(signal.ITIMER_REAL, within_s)  # of the test as a whole
    limits = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + memory_bytes, limits[1]))
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *timer)
