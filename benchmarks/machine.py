"""What the benchmark ran on, as far as it matters for its figures."""

from __future__ import annotations

import os
import platform
import resource
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measure import Cores

_OTHER_FILES = 200  # what a tool or the server has open beside its connections, at most


def describe() -> dict[str, Any]:
    """Processor, cores, memory, system; no names and no paths of the machine."""
    info = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    model = next(
        (
            line.partition(":")[2].strip()
            for line in info.splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cores = Cores.choose()
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "shared": cores.generator == cores.server,
        "memory_gib": round(memory / 2**30, 1),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


def short_of_files(connections: int) -> str | None:
    """Why no process can have so many connections open at a time here; None if one can.

    The hard limit counts: whoever is measured, and the server, gets it as the soft one.
    """
    needed, limit = connections + _OTHER_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if needed <= limit:
        return None
    return (
        f"needs {needed:,} open files in a process, the limit is {limit:,}: raise it "
        f"(`ulimit -n {needed}`), and go on with `--resume`"
    )
