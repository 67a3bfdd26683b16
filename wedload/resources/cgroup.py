"""A control group: CPU, throttling, memory, I/O. Reads the kernel's files of version 2.

Source: Documentation/admin-guide/cgroup-v2.rst of Linux.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from wedload.metrics.levels import Level
from wedload.resources.growth import growth
from wedload.resources.port import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_US = 1e-6


class _Look(NamedTuple):
    """What only grows, and when it was looked at, s."""

    at_s: float
    cpu_s: float | None
    throttled_s: float | None
    read: float | None  # bytes
    written: float | None


class ControlGroup:
    """A control group. A `Source`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: _Look | None = None

    async def open(self) -> None:
        """See `Source.open`."""
        self._last = self._look()

    async def sample(self) -> Mapping[str, Level]:
        """See `Source.sample`."""
        before, now = self._last, self._look()
        self._last = now
        grown = {} if before is None else self._grown(before, now)
        memory, processes = self._number("memory.current"), self._number("pids.current")
        if memory is not None:
            grown["memory"] = Level(memory, self._number("memory.max"))
        if processes is not None:
            grown["processes"] = Level(processes, self._number("pids.max"))
        return grown

    async def finish(self) -> Mapping[str, Any]:
        """What the kernel does not tell has no figure, and needs no words."""
        return {}

    async def close(self) -> None:
        """Nothing is held."""

    def _grown(self, before: _Look, now: _Look) -> dict[str, Level]:
        took_s = now.at_s - before.at_s
        if took_s <= 0:
            return {}
        cores = cores_of(self._text("cpu.max") or "")
        levels: dict[str, Level] = {}
        for name, was, found in (
            ("cpu", before.cpu_s, now.cpu_s),
            ("throttled", before.throttled_s, now.throttled_s),
            ("read", before.read, now.read),
            ("written", before.written, now.written),
        ):
            if was is not None and found is not None:
                capacity = cores if name == "cpu" else None
                levels[name] = Level(growth({0: was}, {0: found}) / took_s, capacity)
        if "cpu" in levels:
            levels["cpu_share"] = Level(levels["cpu"].value / cores, 1.0)
        return levels

    def _look(self) -> _Look:
        """Read what only grows.

        Raises:
            SourceError: there is no such group, or it is not of version 2.
        """
        text = self._text("cpu.stat")
        if text is None:
            why = "has no cpu.stat, as groups of version 2 have" if self._folder.is_dir() else ""
            raise SourceError(f"{self._folder} {why or 'is not there'}")
        cpu = pairs_of(text)
        used, throttled = cpu.get("usage_usec"), cpu.get("throttled_usec")
        io = None if (found := self._text("io.stat")) is None else bytes_of(found)
        return _Look(
            time.monotonic(),
            None if used is None else used * _US,
            None if throttled is None else throttled * _US,
            *((None, None) if io is None else io),
        )

    def _text(self, name: str) -> str | None:
        try:
            return (self._folder / name).read_text("ascii")
        except FileNotFoundError:
            return None  # its controller is not enabled, or the group is the root
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it holds something else"
            raise SourceError(f"{self._folder / name} cannot be read: {reason}") from None

    def _number(self, name: str) -> float | None:
        """What a file of one number says; None: no limit, or no such file."""
        text = (self._text(name) or "").strip()
        return float(text) if text.isdecimal() else None


def pairs_of(text: str) -> dict[str, float]:
    """`usage_usec 1234` and so on, a line each; other lines are left out."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if value.isdecimal():
            found[name] = float(value)
    return found


def bytes_of(text: str) -> tuple[float, float]:
    """Bytes read and written in `8:0 rbytes=1 wbytes=2 rios=…`, all devices together."""
    read = written = 0.0
    for line in text.splitlines():
        for pair in line.split()[1:]:
            name, _, value = pair.partition("=")
            if value.isdecimal():
                read += float(value) if name == "rbytes" else 0.0
                written += float(value) if name == "wbytes" else 0.0
    return read, written


def cores_of(text: str) -> float:
    """The cores that `quota period` of cpu.max allow; all of the machine where it says max."""
    cores = float(os.cpu_count() or 1)
    quota, _, period = text.strip().partition(" ")
    if quota.isdecimal() and period.isdecimal() and int(period):
        return min(int(quota) / int(period), cores) or cores
    return cores
