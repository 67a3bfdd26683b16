"""What happens later, in order."""

from __future__ import annotations

import asyncio
import time

from tests.helpers.waiting import until
from wedload.sandbox.faults.line import Line


async def test_nothing_happens_before_its_time_and_nothing_overtakes():
    line, happened, began = Line(), [], time.perf_counter()
    for n, wait_s in enumerate((0.02, 0.0, 0.01, 0.03)):
        line.after(wait_s, lambda n=n: happened.append((n, time.perf_counter() - began)))
    assert line
    await until(lambda: len(happened) == 4)
    assert [n for n, _ in happened] == [0, 1, 2, 3]
    assert all(at >= 0.02 for _, at in happened)
    assert happened[-1][1] >= 0.03
    assert not line


async def test_what_is_added_meanwhile_is_served_too():
    line, happened = Line(), []
    line.after(0.0, lambda: line.after(0.0, lambda: happened.append("inner")))
    await until(lambda: happened == ["inner"])


async def test_once_stopped_nothing_happens_any_more():
    line, happened = Line(), []
    line.after(0.0, lambda: happened.append(1))
    line.stop()
    await asyncio.sleep(0.01)
    assert not happened
    assert not line
