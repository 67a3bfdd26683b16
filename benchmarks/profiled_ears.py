"""The ears under a profiler: `python -m benchmarks.profiled_ears FD`, in place of their own module.

What took most of their time is written to the file that `WEDLOAD_PROFILE` names, when they end.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import runpy
from pathlib import Path

FILE = "WEDLOAD_PROFILE"
_MOST = 25  # functions that are named

if __name__ == "__main__":
    profile = cProfile.Profile()
    with Path(os.environ[FILE]).open("w", encoding="utf-8") as file:
        try:
            profile.runcall(runpy.run_module, "wedload.fleet.ears_worker", run_name="__main__")
        finally:
            pstats.Stats(profile, stream=file).sort_stats("tottime").print_stats(_MOST)
