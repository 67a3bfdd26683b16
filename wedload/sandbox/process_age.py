"""How long this process has been running, interpreter start included. Knows nothing else.

Source: proc(5), /proc/pid/stat, field 22: the start, in clock ticks since boot.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_IMPORTED_S = time.monotonic()


def process_age_s() -> float:
    """Seconds since the process started, to a clock tick (10 ms); without /proc, since import."""
    try:
        stat = Path("/proc/self/stat").read_bytes()
        # The second field, the command, may itself hold spaces and parentheses.
        fields = stat.rpartition(b")")[2].split()
        started_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started_s
    except (OSError, AttributeError, IndexError, ValueError):
        return time.monotonic() - _IMPORTED_S
