"""`python -m benchmarks.journal`: what the clean-up journal costs the load.

The four-step workflow of `make bench`, whose first step creates something, with and without a
journal in turn: requests per second of CPU, the system's share included. A round is one of each,
in an order that changes; a ratio is that of a round, so that what the machine does in the meantime
meets both. The median of the ratios has an interval by their order alone (binomial).
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import tempfile
import time
from pathlib import Path

import uvloop

from benchmarks.core import HEAD, WORKFLOW, server
from wedload.clock import MonotonicClock
from wedload.engine.engine import Engine
from wedload.fleet.collecting import collect_seldom
from wedload.metrics.summary import Summary
from wedload.plan.loader import parse_plan
from wedload.protocols.http.pool import WirePool
from wedload.safety.journal.load_file import LoadFile
from wedload.safety.journal.writer import open_load_journal
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.segment import Segment

_CREATE = 'capture = { form_id = "json.id" }\n'
_CLEANUP = 'cleanup = "DELETE /api/forms/${form_id}"\n'
#: what targets of deletions are looked through for
_SECRETS = {("env", "WEDLOAD_SUPPLIER_KEY"): "3f9a1c77e0b2", ("env", "WEDLOAD_COUPLE_KEY"): "b8d2"}


async def _drive(port: int, seconds: float, folder: str | None) -> tuple[float, int]:
    """Requests per second of CPU, and how many created something."""
    head = HEAD.format(port=port, seconds=seconds)
    text = WORKFLOW.replace(_CREATE, _CREATE + _CLEANUP)
    plan = parse_plan(head + text, file="bench.toml", base=Path()).plan
    settings = Settings(target="server", base_url=f"http://127.0.0.1:{port}")
    summary = Summary(compile_workload(plan, settings).catalogue)
    clock = MonotonicClock()
    journal = None if folder is None else open_load_journal(folder, 0, _SECRETS)
    engine = Engine(
        plan, settings, segment=Segment(), clock=clock, http=WirePool(clock), emit=summary.add,
        journal=journal,
    )  # fmt: skip
    cpu_s = time.process_time()
    await engine.load({})
    cpu_s = time.process_time() - cpu_s
    created = engine.created
    await engine.close()
    outcomes = summary.outcomes("http_reqs")
    assert set(outcomes) == {"ok"}, outcomes
    return outcomes["ok"] / cpu_s, created


def _one(port: int, seconds: float, *, kept: bool) -> float:
    if not kept:
        return uvloop.run(_drive(port, seconds, None))[0]
    with tempfile.TemporaryDirectory() as folder:
        rate, created = uvloop.run(_drive(port, seconds, folder))
        told = LoadFile(folder, "load-0")
    assert (told.created, told.unknown) == (created, 0), (told.created, told.unknown, created)
    return rate


def interval(ratios: list[float]) -> tuple[float, float]:
    """Where the median of such ratios is, at 95 %: two of them by their order."""
    ordered, below = sorted(ratios), 0
    while below < len(ordered) // 2:
        tail = sum(math.comb(len(ordered), n) for n in range(below + 1)) / 2 ** len(ordered)
        if tail > 0.025:
            break
        below += 1
    below = max(below - 1, 0)
    return ordered[below], ordered[-1 - below]


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2)
    asked = parser.parse_args()
    rates: dict[bool, list[float]] = {False: [], True: []}
    with server() as port:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        _one(port, asked.seconds, kept=True)  # caches fill
        collect_seldom()  # as a load process does
        for number in range(asked.rounds):
            for kept in (False, True) if number % 2 else (True, False):
                rates[kept].append(_one(port, asked.seconds, kept=kept))
    ratios = [kept / without for without, kept in zip(rates[False], rates[True], strict=True)]
    print(f"per CPU-second: {statistics.median(rates[False]):,.0f} requests without a journal,")
    print(f"                {statistics.median(rates[True]):,.0f} with one")
    low, high = interval(ratios)
    print(
        f"it costs {1 - statistics.median(ratios):.2%} "
        f"({1 - high:.2%} to {1 - low:.2%}, {asked.rounds} rounds)"
    )


if __name__ == "__main__":
    main()
