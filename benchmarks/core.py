"""`make bench`: what a core of this machine drives, plain and with the four-step workflow.

The server runs on the last core and the engine on the first, in this process. The machine is
noisy: several rounds in turn, medians, and requests per second of CPU beside those per second.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from wedload.clock import MonotonicClock
from wedload.engine.engine import Engine
from wedload.fleet.collecting import collect_seldom
from wedload.metrics.summary import Summary
from wedload.plan.loader import parse_plan
from wedload.protocols.http.pool import WirePool
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUNDS = 5
_SECONDS = 3
HEAD = """
schema = 1
name = "bench"
[targets.server]
base_url = "http://127.0.0.1:{port}"
[scenarios.all]
executor = "constant-vus"
vus = 64
duration = "{seconds}s"
workflow = "flow"
"""
_PLAIN = """
[[workflows.flow]]
http = "GET /"
"""
WORKFLOW = """
[[workflows.flow]]
name = "create"
http = "POST /api/forms/intake"
let = { fields = "${synthetic.intake_fields()}" }
json = { title = "Consultation", fields = "${fields}" }
capture = { form_id = "json.id" }
check = ["status == 200", "duration < 2s"]
[[workflows.flow]]
name = "connect"
http = "POST /api/connections/${form_id}"
json = { wedding_date = "2027-06-19", venue = "Rosewood Barn" }
check = ["status == 200"]
[[workflows.flow]]
name = "submit"
http = "POST /api/forms/${form_id}/submit"
json = { responses = "${synthetic.responses(fields)}" }
capture = { submission_id = "json.id" }
check = ["json.journey_triggered == true", "duration < 2s"]
[[workflows.flow]]
name = "status"
http = "GET /api/realtime/status/${submission_id}"
check = ["json.status == 'submitted'"]
"""


@contextmanager
def server() -> Iterator[int]:
    """A server on the last core; its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.servers.fixed"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait()


async def _drive(text: str, port: int) -> tuple[float, float]:
    """Requests per second, and per second of CPU."""
    head = HEAD.format(port=port, seconds=_SECONDS)
    plan = parse_plan(head + text, file="bench.toml", base=Path()).plan
    settings = Settings(target="server", base_url=f"http://127.0.0.1:{port}")
    summary = Summary(compile_workload(plan, settings).catalogue)
    clock = MonotonicClock()
    pool = WirePool(clock)
    engine = Engine(plan, settings, segment=Segment(), clock=clock, http=pool, emit=summary.add)
    wall, cpu = time.perf_counter(), time.process_time()
    await engine.load({})
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    await pool.close()
    outcomes = summary.outcomes("http_reqs")
    assert set(outcomes) == {"ok"}, outcomes
    return outcomes["ok"] / wall, outcomes["ok"] / cpu


def main() -> None:
    """Run the rounds and print the medians."""
    cases = {"plain GET": _PLAIN, "four-step workflow": WORKFLOW}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    with server() as port:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        collect_seldom()  # as a load process does
        for _ in range(_ROUNDS):
            for name, text in cases.items():
                found[name].append(uvloop.run(_drive(text, port)))
    print(f"{'case':<22}{'requests/s':>14}{'per CPU-second':>18}   median of {_ROUNDS}")
    for name, rounds in found.items():
        rates = [statistics.median(column) for column in zip(*rounds, strict=True)]
        print(f"{name:<22}{rates[0]:>14,.0f}{rates[1]:>18,.0f}")


if __name__ == "__main__":
    main()
