"""Measures one command: its tree's CPU and memory, and how quiet the machine was meanwhile.

Knows processes and `/proc`, not tools or cases. The other half is `tree.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.tree import TICKS_PER_S, stat

_TREE = Path(__file__).with_name("tree.py")
_ALLOWANCE_S = 30.0  # what the watching process gets beyond the command's deadline


@dataclass(frozen=True, slots=True)
class Cores:
    """Who runs where: the generator has a core to itself, server and harness share the other."""

    generator: int
    server: int

    @classmethod
    def choose(cls) -> Cores:
        """The first and the last core that this process may use; they are the same on one core."""
        usable = os.sched_getaffinity(0)
        return cls(generator=min(usable), server=max(usable))


@dataclass(frozen=True, slots=True)
class Usage:
    """What the whole process tree of one command used, from its start to its end."""

    returncode: int | None
    timed_out: bool
    wall_s: float
    cpu_s: float
    largest_mb: float  # peak resident memory of the largest process, in MiB
    sum_mb: float  # largest sum of resident memory over the tree at one sample, in MiB
    processes: list[dict[str, Any]]
    noise: Noise


@dataclass(frozen=True, slots=True)
class Noise:
    """What disturbed the generator's core, as shares of the time; `foreign`: other processes."""

    steal_ratio: float
    foreign_ratio: float

    def as_json(self) -> dict[str, float]:
        """As a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class CoreTimes:
    """Seconds of one core since the machine started, from `/proc/stat`."""

    busy_s: float
    steal_s: float
    at_s: float

    @classmethod
    def of(cls, core: int) -> CoreTimes:
        """Those of this core now."""
        return cls.parse(Path("/proc/stat").read_text(encoding="ascii"), core, time.monotonic())

    @classmethod
    def parse(cls, text: str, core: int, at_s: float) -> CoreTimes:
        """Those of this core in the text of `/proc/stat`. Source: proc(5)."""
        line = next(line for line in text.splitlines() if line.startswith(f"cpu{core} "))
        user, nice, system, _idle, _iowait, _irq, _softirq, steal = (
            int(field) / TICKS_PER_S for field in line.split()[1:9]
        )
        return cls(user + nice + system, steal, at_s)

    def noise_until(self, end: CoreTimes, own_s: float) -> Noise:
        """What others took between the two, where `own_s` of the busy time was the command's."""
        span = max(end.at_s - self.at_s, 1e-9)
        foreign = max(end.busy_s - self.busy_s - own_s, 0.0)
        return Noise((end.steal_s - self.steal_s) / span, foreign / span)


def cpu_s(pid: int) -> float:
    """CPU seconds of one running process.

    Raises:
        OSError: it does not run.
    """
    seen = stat(pid)
    if seen is None:
        raise OSError(f"process {pid} is gone")
    return seen[1]


def measure(
    argv: list[str], *, cores: Cores, env: dict[str, str], folder: Path, deadline_s: float
) -> Usage:
    """Run a command on the generator's core, with its output in `stdout` and `stderr` of `folder`.

    Past its deadline the whole tree is ended, and the usage says so.

    Raises:
        OSError: the command cannot be run.
    """
    order = {
        "argv": argv,
        "env": {**os.environ, **env},
        "core": cores.generator,
        "watch_core": cores.server,
        "stdout": str(folder / "stdout"),
        "stderr": str(folder / "stderr"),
        "deadline_s": deadline_s,
    }
    begin = CoreTimes.of(cores.generator)
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", str(_TREE), json.dumps(order)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, cwd=folder,
        process_group=0,  # a Ctrl-C is the harness's to handle
    )  # fmt: skip
    try:
        said, complaint = watcher.communicate(timeout=deadline_s + _ALLOWANCE_S)
    except BaseException:
        watcher.terminate()  # it ends the tree
        watcher.communicate()
        raise
    if not said:
        raise OSError((complaint.strip() or "the watching process said nothing").splitlines()[-1])
    seen = json.loads(said)
    noise = begin.noise_until(CoreTimes.of(cores.generator), seen["cpu_s"])
    return Usage(**seen, noise=noise)
