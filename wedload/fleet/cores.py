"""How many cores this process may use: what its affinity and its container leave to it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wedload.workload.compile_plan import Workload

#: cgroup v2: quota and period in µs, or "max" and the period
_QUOTA_FILE: Final = Path("/sys/fs/cgroup/cpu.max")


def usable_cores(quota_file: Path = _QUOTA_FILE) -> int:
    """Cores that this process may use, at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    with suppress(OSError, ValueError):  # no such file, or "max": no quota
        quota, period = map(int, quota_file.read_text().split())
        cores = min(cores or 1, quota // period)
    return max(cores or 1, 1)


def automatic_workers(workload: Workload, cores: int | None = None) -> int:
    """Load processes for `--workers auto`: one a core but one, and none without a virtual user.

    The core that is left is for the coordinator, and for a target on the same machine. `cores`:
    those that are usable here.
    """
    most = (usable_cores() if cores is None else cores) - 1
    return max(min(most, workload.most_vus), 1)
