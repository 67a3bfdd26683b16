"""Endpoints that compute for longer than they should. Knows no route.

The work is done by one thread, as a server has it that draws its pages in Python: answers wait for
each other, and the process takes a core, while its database has little to do.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ..tracing.scope import part

#: what a span of it is called
RENDER: Final = "render"


class Burner:
    """The thread that computes."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="burn")

    async def burn(self, cpu_s: float) -> None:
        """Compute for so many seconds of CPU time, when those before are done."""
        with part(RENDER):
            await asyncio.get_running_loop().run_in_executor(self._thread, compute, cpu_s)

    def close(self) -> None:
        """Begin nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def compute(cpu_s: float) -> int:
    """Take so many seconds of this thread's CPU time; how often it looked."""
    until = time.thread_time() + cpu_s
    looked = 0
    while time.thread_time() < until:
        looked += 1
    return looked
