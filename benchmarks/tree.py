"""Runs one command pinned to one core, and prints what its whole process tree used.

`python -I -S tree.py JSON` is a process of its own, because CPU time is exact only to the parent
that waits for a process: being the subreaper, it waits for every descendant, orphans included. It
imports little, so that its own size does not hide the memory of a small child. It knows nothing of
tools.

CPU time: `RUSAGE_CHILDREN` once all are waited for; cross-checked with the last sample of each
process, because a descendant whose parent ignores SIGCHLD is waited for by nobody. Memory: `VmHWM`
of each process (the kernel's own peak), and the largest sum of `VmRSS` over the tree at one sample;
pages that processes share count in each of them.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import time
from contextlib import suppress

_PR_SET_CHILD_SUBREAPER = 36
_EVERY_S = 0.25
_GRACE_S = 3.0  # what a tree gets between SIGTERM and SIGKILL
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def stat(pid: int) -> tuple[int, float] | None:
    """Parent, and CPU seconds (of the process, its waited-for children excluded)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - pathlib would be most of its start
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _memory_kb(pid: int) -> tuple[int, int]:
    """Resident now, and at its peak; (0, 0) for a process that is ending."""
    found = {"VmRSS": 0, "VmHWM": 0}
    with suppress(OSError), open(f"/proc/{pid}/status", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would be most of its start
        for line in file:
            key, _, rest = line.partition(":")
            if key in found:
                found[key] = int(rest.split()[0])
    return found["VmRSS"], found["VmHWM"]


def _descendants() -> dict[int, float]:
    """CPU seconds of every process below this one, by process id."""
    stats = {int(name): stat(int(name)) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208 - pathlib would be most of its start
    found: dict[int, float] = {}
    parents = {os.getpid()}
    while parents:
        level = {pid: one[1] for pid, one in stats.items() if one is not None and one[0] in parents}
        found |= level
        parents = set(level)
    return found


class Watch:
    """What has been seen of the tree so far."""

    def __init__(self) -> None:
        self.cpu_s: dict[int, float] = {}
        self.peak_kb: dict[int, int] = {}
        self.command: dict[int, str] = {}
        self.sum_peak_kb = 0

    def sample(self) -> None:
        """Look at every process of the tree once."""
        together = 0
        for pid, cpu_s in _descendants().items():
            self.cpu_s[pid] = cpu_s
            now_kb, peak_kb = _memory_kb(pid)
            together += now_kb
            self.peak_kb[pid] = max(peak_kb, self.peak_kb.get(pid, 0))
            with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:  # noqa: PTH123 - pathlib would be most of its start
                words = file.read().replace(b"\0", b" ").decode(errors="replace").strip()
                self.command[pid] = words[:200] or self.command.get(pid, "")
        self.sum_peak_kb = max(self.sum_peak_kb, together)


def _reap(codes: dict[int, int]) -> None:
    """Wait for whatever has ended, without waiting for it to end."""
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            codes[pid] = os.waitstatus_to_exitcode(status)


def _end(codes: dict[int, int]) -> None:
    """End every process of the tree: asked first, then killed."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        until = time.monotonic() + _GRACE_S
        for pid in _descendants():
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        while _descendants() and time.monotonic() < until:
            time.sleep(0.05)
            _reap(codes)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command of the first argument; see `measure.py` for the other side."""
    order = json.loads(sys.argv[1])
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, _stop)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    harness = os.getppid()
    watch, codes, timed_out = Watch(), {}, False
    os.sched_setaffinity(0, {order["core"]})  # the command inherits it
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    begin = time.monotonic()
    main_pid = os.posix_spawnp(
        order["argv"][0],
        order["argv"],
        order["env"],
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, order["stdout"], write, 0o644),
            (os.POSIX_SPAWN_OPEN, 2, order["stderr"], write, 0o644),
        ],
        setpgroup=0,
    )
    os.sched_setaffinity(0, {order["watch_core"]})
    try:
        while main_pid not in codes:
            watch.sample()
            until = time.monotonic() + _EVERY_S
            while main_pid not in codes and time.monotonic() < until:
                time.sleep(0.01)
                _reap(codes)
            timed_out = time.monotonic() - begin > order["deadline_s"]
            if timed_out or os.getppid() != harness:
                break
        wall_s = time.monotonic() - begin
    finally:
        _end(codes)
        _reap(codes)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    own_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest_kb = max(watch.peak_kb.values(), default=0)
    if used.ru_maxrss > 2 * own_kb:  # below that it may be this process, as it was when it forked
        largest_kb = max(largest_kb, used.ru_maxrss)
    print(
        json.dumps(
            {
                "returncode": codes.get(main_pid),
                "timed_out": timed_out,
                "wall_s": wall_s,
                "cpu_s": max(used.ru_utime + used.ru_stime, sum(watch.cpu_s.values())),
                "largest_mb": largest_kb / 1024,
                "sum_mb": max(watch.sum_peak_kb, largest_kb) / 1024,
                "processes": [
                    {"command": watch.command.get(pid, ""), "cpu_s": cpu_s, "peak_mb": kb / 1024}
                    for pid, cpu_s, kb in (
                        (pid, cpu_s, watch.peak_kb[pid]) for pid, cpu_s in watch.cpu_s.items()
                    )
                ],
            }
        )
    )


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):  # asked to stop: the tree is ended, and there is no answer
        main()
