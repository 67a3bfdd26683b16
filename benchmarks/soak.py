"""`python -m benchmarks.soak`: does a load process stay as it is, for as long as a run lasts?

An open load at a constant rate against nginx, minute by minute: the memory of the load process, and
how late its iterations began. Half of what it can drive is a rate that a long run should bear.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.servers import nginx

_PLAN = """
schema = 1
name = "soak"
[targets.server]
base_url = "{url}"
[scenarios.all]
executor = "ramping-arrival-rate"
start_rate = {rate}
time_unit = "1s"
max_vus = {vus}
workflow = "flow"
stages = [
{stages}
]
[[workflows.flow]]
http = "GET /"
check = ["status == 200"]
"""
_MIB = 1 << 20


def plan(url: str, rate: int, minutes: int, vus: int) -> str:
    """One scenario with a stage for each minute, so that each has figures of its own."""
    stages = "\n".join(
        f'  {{ name = "minute {minute + 1}", duration = "60s", target = {rate} }},'
        for minute in range(minutes)
    )
    return _PLAN.format(url=url, rate=rate, vus=vus, stages=stages)


def growth(memory_mib: list[float]) -> float:
    """How much the memory of the last minute is above that of the second, as a ratio.

    In the first one users are made, and caches fill.
    """
    return memory_mib[-1] / memory_mib[min(1, len(memory_mib) - 1)] - 1


def by_minute(samples: list[tuple[float, int]]) -> list[float]:
    """Medians of (second, bytes) by whole minutes, MiB."""
    minutes: dict[int, list[int]] = {}
    for second, size in samples:
        minutes.setdefault(int(second // 60), []).append(size)
    return [statistics.median(sizes) / _MIB for _, sizes in sorted(minutes.items())]


def table(result: dict[str, Any], memory_mib: list[float]) -> list[str]:
    """A line a minute, and what it comes to."""
    lines = [f"{'minute':>6}{'requests':>12}{'failed':>8}{'late p50':>11}{'p99':>10}{'memory':>12}"]
    # memory is sampled a little longer: the process lives on to clean up
    for number, (stage, memory) in enumerate(zip(result["stages"], memory_mib, strict=False), 1):
        late, sent = stage["metrics"]["iteration_lateness"], stage["metrics"]["http_reqs"]["count"]
        failed = stage["metrics"]["http_req_failed"]["yes"]
        lines.append(
            f"{number:>6}{sent:>12,}{failed:>8,}{late['med']:>8.2f} ms{late['p99']:>7.2f} ms"
            f"{memory:>8.1f} MiB"
        )
    dropped = result["metrics"].get("dropped_iterations", {}).get("count", 0)
    lines.append(
        f"memory from the second minute to the last: {growth(memory_mib):+.1%};"
        f" {result['metrics']['http_reqs']['count']:,} requests, {dropped:,} iterations dropped;"
        f" verdict {result['verdict']}"
    )
    return lines


def _watch(pid: int, samples: list[tuple[float, int]], over: threading.Event) -> None:
    """Note the memory of the run's load process once a second."""
    begun: float | None = None
    while not over.wait(1):
        try:
            children = psutil.Process(pid).children()
            sizes = [
                child.memory_info().rss
                for child in children
                if "wedload.fleet.worker" in child.cmdline()
            ]
        except psutil.NoSuchProcess:
            return
        if sizes:
            begun = time.monotonic() if begun is None else begun
            samples.append((time.monotonic() - begun, max(sizes)))


def main() -> None:
    """Run the load and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak")
    parser.add_argument("--minutes", type=int, default=20)
    parser.add_argument("--rate", type=int, default=25_000, help="iterations started a second")
    parser.add_argument("--vus", type=int, default=256)
    asked = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    samples: list[tuple[float, int]] = []
    over = threading.Event()
    with (
        tempfile.TemporaryDirectory() as folder,
        nginx.serve(Path(folder) / "nginx", cores[-1]) as server,
    ):
        path, output = Path(folder) / "plan.toml", Path(folder) / "result.json"
        path.write_text(plan(server.plain_url, asked.rate, asked.minutes, asked.vus))
        wedload = Path(sys.executable).with_name("wedload")
        with subprocess.Popen(
            [wedload, "run", path, "--no-live", "--output", output],
            preexec_fn=lambda: os.sched_setaffinity(0, {cores[0]}),  # noqa: PLW1509 - no thread yet
            stdout=subprocess.DEVNULL,
        ) as run:
            watcher = threading.Thread(target=_watch, args=(run.pid, samples, over))
            watcher.start()
            run.wait()
            over.set()
            watcher.join()
        if not output.exists():
            sys.exit("there is no result; wedload has said why above")
        result = json.loads(output.read_text())
    print(*table(result, by_minute(samples)), sep="\n")


if __name__ == "__main__":
    main()
