"""`python -m benchmarks.journal`: what the clean-up journal costs the load.

The four-step workflow of `make bench`, whose first step creates something, with and without a
journal in turn: requests per second of CPU, the system's share included.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import uvloop

from benchmarks.core import HEAD, WORKFLOW, server
from benchmarks.paired import tell_cost
from wedload.clock import MonotonicClock
from wedload.engine.engine import Engine
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


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2)
    asked = parser.parse_args()
    with server() as port:
        tell_cost(lambda kept: _one(port, asked.seconds, kept=kept), asked.rounds, "a journal")


if __name__ == "__main__":
    main()
