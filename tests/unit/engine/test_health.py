"""What a load process notices about itself: collections of garbage, and open files."""

from __future__ import annotations

import asyncio
import gc
import os
import resource

from wedload.clock import MonotonicClock
from wedload.engine.health import HealthProbe


async def watching(probe: HealthProbe) -> asyncio.Task[None]:
    task = asyncio.create_task(probe.watch())
    await asyncio.sleep(0)
    return task


async def test_pauses_of_the_collector_are_seen_while_it_watches_and_not_after_it():
    probe = HealthProbe(MonotonicClock())
    callbacks = list(gc.callbacks)
    task = await watching(probe)
    probe.take()

    gc.collect()
    gc.collect()
    seen = probe.take()

    assert 0 < seen.gc_longest_ns < seen.gc_total_ns
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert gc.callbacks == callbacks
    gc.collect()
    probe.take()
    assert probe.take().gc_total_ns == 0


async def test_each_collection_is_told_once():
    probe = HealthProbe(MonotonicClock())
    task = await watching(probe)
    gc.disable()  # but for those that are asked for
    try:
        gc.collect()
        assert probe.take().gc_total_ns > 0
        again = probe.take()
    finally:
        gc.enable()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (again.gc_longest_ns, again.gc_total_ns) == (0, 0)


def test_open_files_are_counted_and_held_against_the_limit():
    probe = HealthProbe(MonotonicClock())
    before = probe.take()
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(10)]
    try:
        after = probe.take()
    finally:
        for one in opened:
            os.close(one)

    assert after.open_files - before.open_files == 10
    assert after.open_files_limit == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
