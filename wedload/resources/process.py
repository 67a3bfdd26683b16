"""Processes with their children: CPU, memory, I/O, descriptors, threads. By psutil, in a thread.

Found by number, or by name: then all of that name are one resource, wedload's own aside. What a
process does between the last sample and its end is not seen.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import psutil

from wedload.metrics.levels import Level
from wedload.resources.growth import growth
from wedload.resources.port import Notes, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: samples after which processes of a name are looked for anew
_FIND_EVERY: Final = 5
#: processes within each other
_DEEPEST: Final = 100
#: of those that only grow
_GROWING: Final = ("cpu", "read", "written", "switches")

_Id = tuple[int, float]  # number, and when it began: numbers are used again


class _Seen(NamedTuple):
    """One process at one look; None: wedload may not see it, or the machine does not tell."""

    memory: int  # resident, bytes
    threads: int
    descriptors: int | None
    sockets: int | None
    cpu: float  # s
    read: int | None  # bytes
    written: int | None
    switches: int | None


@dataclass(slots=True)
class _Look:
    """All of them at one instant."""

    at_s: float = field(default_factory=time.monotonic)
    began: float = field(default_factory=time.time)  # on the clock that processes begin by
    found: dict[_Id, _Seen] = field(default_factory=dict)

    def of(self, name: str) -> dict[_Id, float]:
        """One quantity of each that tells it."""
        values = ((key, getattr(one, name)) for key, one in self.found.items())
        return {key: value for key, value in values if value is not None}


class Processes:
    """The processes of a number or a name, with their children. A `Source`."""

    def __init__(self, asked: str) -> None:
        """`asked`: a number, or a name."""
        self._asked = asked
        self._roots: list[psutil.Process] = []
        self._looks = 0
        self._last: _Look | None = None
        self._cores = 1.0
        self._notes = Notes()
        self._under_way = threading.Lock()

    async def open(self) -> None:
        """See `Source.open`."""
        await asyncio.to_thread(self._safely, self._open)

    async def sample(self) -> Mapping[str, Level]:
        """See `Source.sample`."""
        levels: Mapping[str, Level] = await asyncio.to_thread(self._safely, self._sample)
        return levels

    async def finish(self) -> Mapping[str, Any]:
        """See `Source.finish`."""
        return self._notes.report

    async def close(self) -> None:
        """Nothing is held."""

    def _safely(self, do: Any) -> Any:
        """One look at a time: a thread cannot be ended, and may hang where the kernel does."""
        if not self._under_way.acquire(blocking=False):
            raise SourceError("the last look at it is not over")
        try:
            return do()
        finally:
            self._under_way.release()

    # --- in the thread ----------------------------------------------------------------------

    def _open(self) -> None:
        self._find()
        root = self._roots[0]
        try:
            self._cores = float(len(root.cpu_affinity()))
        except (psutil.Error, AttributeError):
            self._cores = float(psutil.cpu_count() or 1)
        self._last = self._look()

    def _sample(self) -> Mapping[str, Level]:
        before = self._last
        now = self._last = self._look()
        sums = {
            "memory": Level(float(sum(now.of("memory").values()))),
            "threads": Level(float(sum(now.of("threads").values()))),
            "processes": Level(float(len(now.found))),
        }
        for name in ("descriptors", "sockets"):
            if of := now.of(name):
                sums[name] = Level(float(sum(of.values())))
        grown = {} if before is None else self._grown(before, now)
        return {**grown, **sums}

    def _grown(self, before: _Look, now: _Look) -> dict[str, Level]:
        took_s = now.at_s - before.at_s
        if took_s <= 0:
            return {}
        born = {key for key in now.found if key[1] >= before.began}
        levels: dict[str, Level] = {}
        for name in _GROWING:
            if of := now.of(name):
                rate = growth(before.of(name), of, born) / took_s
                levels[name] = Level(rate, self._cores if name == "cpu" else None)
        levels["cpu_share"] = Level(levels["cpu"].value / self._cores, 1.0)
        return levels

    def _find(self) -> None:
        """Look for those that were asked for.

        Raises:
            SourceError: there are none.
        """
        if self._asked.isdecimal():
            try:
                self._roots = [psutil.Process(int(self._asked))]
            except psutil.Error:
                raise SourceError(f"there is no process {self._asked}") from None
            return
        self._roots = [one for one in _named(self._asked) if not _is_ours(one)]
        if not self._roots:
            raise SourceError(f'there is no process called "{self._asked}"')

    def _look(self) -> _Look:
        if self._looks % _FIND_EVERY == 0 and self._looks and not self._asked.isdecimal():
            self._find()
        self._looks += 1
        look = _Look()
        for one in _families(self._roots):
            try:
                with one.oneshot():
                    look.found[one.pid, one.create_time()] = self._seen(one)
            except psutil.Error:
                continue  # it has just ended
        if not look.found:
            self._looks = 0
            self._last = None
            self._find()  # says that it is not there, or finds the one that was started anew
            raise SourceError("it has ended")
        return look

    def _seen(self, one: psutil.Process) -> _Seen:
        times = one.cpu_times()
        descriptors, sockets = self._open_files(one.pid)
        read = written = switches = None
        try:
            io = one.io_counters()
            read, written = io.read_bytes, io.write_bytes
            switches = sum(one.num_ctx_switches())
        except psutil.AccessDenied:
            self._notes.add("its reading and writing are not shown to wedload's user")
        except (AttributeError, NotImplementedError):
            self._notes.add("this system does not tell what it reads and writes")
        return _Seen(
            one.memory_info().rss, one.num_threads(), descriptors, sockets,
            times.user + times.system, read, written, switches,
        )  # fmt: skip

    def _open_files(self, pid: int) -> tuple[int | None, int | None]:
        """How many descriptors it has, and how many of them are sockets."""
        folder = Path(f"/proc/{pid}/fd")
        try:
            names = os.listdir(folder)  # noqa: PTH208 - objects for each would cost three times
        except (FileNotFoundError, ProcessLookupError):
            return None, None
        except PermissionError:
            self._notes.add("its descriptors are not shown to wedload's user")
            return None, None
        return len(names), sum(_is_socket(f"{folder}/{name}") for name in names)


def _is_socket(path: str) -> bool:
    try:
        return os.readlink(path).startswith("socket:")  # noqa: PTH115 - likewise
    except OSError:
        return False  # closed meanwhile


def _named(name: str) -> Iterator[psutil.Process]:
    """Processes of a name: that of the kernel, or of the program file."""
    for one in psutil.process_iter(["name", "cmdline"]):
        program = (one.info["cmdline"] or [""])[0]
        # PostgreSQL and others write what they are about behind their name
        if name in {one.info["name"], Path(program.partition(":")[0]).name}:
            yield one


def _is_ours(one: psutil.Process) -> bool:
    """Whether it is wedload, or was started by it, however far down."""
    try:
        pid = one.pid
        for _ in range(_DEEPEST):
            if pid == os.getpid():
                return True
            if pid <= 1:
                break
            pid = psutil.Process(pid).ppid()
    except psutil.Error:
        pass  # somebody between us has just ended
    return False


def _families(roots: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Processes with their children, each once."""
    found: dict[int, psutil.Process] = {}
    for root in roots:
        if root.pid in found:
            continue
        try:
            if not root.is_running():
                continue
            found[root.pid] = root
            for child in root.children(recursive=True):
                found.setdefault(child.pid, child)
        except psutil.Error:
            continue
    return list(found.values())
