"""`python -m benchmarks.observing`: what tracing at 5 % and sampling resources cost the load.

The four-step workflow of `make bench`, with and without both in turn: requests per second of CPU,
the system's share included. Resources – the machine and a process – are sampled in the same process
and event loop here, where a run has its coordinator do that: it costs no more than this.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from benchmarks.core import HEAD, WORKFLOW, server
from benchmarks.paired import tell_cost
from wedload.clock import MonotonicClock
from wedload.engine.engine import Engine
from wedload.metrics.summary import Summary
from wedload.plan.loader import parse_plan
from wedload.protocols.http.pool import WirePool
from wedload.resources.machine import Machine
from wedload.resources.process import Processes
from wedload.resources.sampler import Sampler
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.segment import Segment

if TYPE_CHECKING:
    from wedload.metrics.snapshot import Snapshot

_TRACING = '[tracing]\nshare = "5%"\n'


async def _drive(port: int, seconds: float, *, observed: bool) -> float:
    """Requests per second of CPU."""
    head = HEAD.format(port=port, seconds=seconds)
    text = head + (_TRACING if observed else "") + WORKFLOW
    plan = parse_plan(text, file="bench.toml", base=Path()).plan
    url = f"http://127.0.0.1:{port}"
    settings = Settings(target="server", base_url=url, run_id="bench", spans=url)
    summary = Summary(compile_workload(plan, settings).catalogue)
    clock = MonotonicClock()
    engine = Engine(
        plan, settings, segment=Segment(), clock=clock, http=WirePool(clock), emit=summary.add
    )
    sampled: list[Snapshot] = []
    sources = {"machine": Machine(), "load": Processes(str(os.getpid()))}
    sampler = Sampler(sources, 1, sampled.append)
    if observed:
        await sampler.open()
    cpu_s = time.process_time()
    if observed:
        sampler.begin()
    await engine.load({})
    if observed:
        await sampler.end()
    cpu_s = time.process_time() - cpu_s
    await engine.close()
    outcomes = summary.outcomes("http_reqs")
    assert set(outcomes) == {"ok"}, outcomes
    traced = sum(summary.outcomes("traced_requests").values())
    assert (bool(sampled), traced > 0) == (observed, observed), (len(sampled), traced)
    return outcomes["ok"] / cpu_s


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2)
    asked = parser.parse_args()
    with server() as port:
        tell_cost(
            lambda observed: uvloop.run(_drive(port, asked.seconds, observed=observed)),
            asked.rounds,
            "tracing at 5 % and resources",
        )


if __name__ == "__main__":
    main()
