"""Computing for longer than need be."""

from __future__ import annotations

import asyncio
import time

from wedload.sandbox.bottlenecks.burn import Burner, compute


def test_it_takes_as_much_of_the_cpu_as_was_asked_for():
    before = time.thread_time()
    assert compute(0.01) > 0
    assert time.thread_time() - before >= 0.01


async def test_one_computes_after_the_other():
    burner = Burner()
    began = time.process_time()
    await asyncio.gather(*(burner.burn(0.005) for _ in range(4)))
    assert time.process_time() - began >= 0.02
    burner.close()
