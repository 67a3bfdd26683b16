"""`python -m benchmarks.gateway`: what wedload says that Envoy adds, and what wrk says.

An nginx on this machine, a real Envoy before it, one connection each way. A round is wrk directly
and wrk via Envoy, in an order that changes, then pairs of wedload for as long as both of them, so
that what the machine does in the meantime meets all. wrk's own figure is the difference of its two
means, round by round, with Student's interval; wedload's the mean of its pairs, with that of its
blocks. They agree if the difference of both is within what both say it can be off by. On a machine
that others use, means are at the mercy of a few long waits: medians are told beside them.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import uvloop

from benchmarks.install import debian
from benchmarks.servers import nginx
from benchmarks.servers.envoy import envoy
from benchmarks.tools.simple import milliseconds
from wedload.clock import MonotonicClock
from wedload.engine.engine import Engine
from wedload.fleet.collecting import collect_seldom
from wedload.metrics.pair_slots import PairSlots
from wedload.metrics.summary import Summary
from wedload.plan.loader import parse_plan
from wedload.protocols.http.pool import WirePool
from wedload.statistics.differences import mean_of_differences
from wedload.statistics.student import t_quantile
from wedload.units import NS_PER_MS
from wedload.workload.compile_plan import Settings, compile_workload
from wedload.workload.segment import Segment

if TYPE_CHECKING:
    from wedload.metrics.signed import Signed
    from wedload.metrics.snapshot import Snapshot

_LEVEL = 0.975
_PLAN = """
schema = 1
name = "gateway"
[targets.server]
base_url = "{direct}"
[routes.envoy]
via = "{via}"
[scenarios.all]
executor = "constant-vus"
vus = 1
duration = "{seconds}s"
workflow = "flow"
[[workflows.flow]]
name = "read"
http = "GET /"
routes = "envoy"
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says that it adds, ms, and how far that may be off."""

    mean: float
    low: float
    high: float

    @property
    def reach(self) -> float:
        """From the middle of its interval to either end."""
        return (self.high - self.low) / 2

    def agrees(self, other: Told) -> bool:
        """Whether both can be right: the interval of their difference holds 0."""
        return abs(self.mean - other.mean) <= math.hypot(self.reach, other.reach)

    def __str__(self) -> str:
        return f"{self.mean:+.4f} ms ({self.low:+.4f} to {self.high:+.4f})"


def of_rounds(differences: list[float]) -> Told:
    """Of one figure a round, which do not depend on each other: Student's interval."""
    mean = statistics.fmean(differences)
    if len(differences) < 2:
        return Told(mean, -math.inf, math.inf)
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    reach = t_quantile(_LEVEL, len(differences) - 1) * error
    return Told(mean, mean - reach, mean + reach)


def latencies(text: str) -> tuple[float, float]:
    """The mean and the median that wrk prints with `--latency`, ms.

    Raises:
        ValueError: it prints none, or some request failed.
    """
    mean = re.search(r"^\s+Latency\s+([\d.]+\w+)\s", text, re.MULTILINE)
    median = re.search(r"^\s+50%\s+([\d.]+\w+)$", text, re.MULTILINE)
    if mean is None or median is None or "Non-2xx" in text or "Socket errors" in text:
        raise ValueError(f"wrk did not say how long requests took, or some failed:\n{text}")
    return milliseconds(mean[1]), milliseconds(median[1])


def _wrk(program: str, url: str, seconds: int) -> tuple[float, float]:
    done = subprocess.run(
        [program, "--threads", "1", "--connections", "1", "--duration", f"{seconds}s",
         "--latency", url],
        capture_output=True, text=True, check=True, timeout=seconds + 30,
    )  # fmt: skip
    return latencies(done.stdout)


async def _pairs(direct: str, via: str, seconds: int, seed: int) -> tuple[Signed, PairSlots, int]:
    """What pairs differ by, the same by slots, and the number of their series."""
    text = _PLAN.format(direct=direct, via=via, seconds=seconds)
    plan = parse_plan(text, file="gateway.toml", base=Path()).plan
    settings = Settings(target="server", base_url=direct, seed=seed)
    summary, slots = Summary(compile_workload(plan, settings).catalogue), PairSlots()

    def emit(snapshot: Snapshot) -> None:
        summary.add(snapshot)
        slots.add(snapshot)

    clock = MonotonicClock()
    engine = Engine(plan, settings, segment=Segment(), clock=clock, http=WirePool(clock), emit=emit)
    await engine.open()
    await engine.load({})
    await engine.close()
    assert set(summary.outcomes("route_pairs")) <= {"measured", "cold"}, summary.notes
    where = (("route", "envoy"),)
    (number,) = summary.series_numbers(where)
    return summary.differences("route_overhead", where), slots, number


def _of_slots(rounds: list[tuple[PairSlots, int]]) -> Told:
    """The mean of the pairs of all rounds, each a stretch of its own."""
    found = [slots.of([number]) for slots, number in rounds]
    sums = np.concatenate([one.sums_ns for one in found])
    counts = np.concatenate([one.counts for one in found])
    stages = np.repeat(np.arange(len(found)), [len(one.counts) for one in found])
    mean = float(sums.sum() / counts.sum()) / NS_PER_MS
    interval = mean_of_differences(sums, counts, stages, 1)
    low, high = (-math.inf, math.inf) if interval is None else interval
    return Told(mean, low / NS_PER_MS, high / NS_PER_MS)


def main() -> None:
    """Run the rounds and print what came of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=3, help="of each run of wrk; default: 3")
    asked = parser.parse_args()
    program = str(debian("wrk", "wrk").path)
    by_wrk: list[float] = []
    by_round: list[float] = []
    medians: tuple[list[float], list[float]] = [], []  # wrk's, and of pairs
    slots: list[tuple[PairSlots, int]] = []
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            nginx.serve(folder / "nginx", cores[-1]) as server,
            envoy(server.plain_url.removeprefix("http://"), folder) as gate,
        ):
            direct = server.plain_url
            uvloop.run(_pairs(direct, gate.via, 1, 0))  # caches fill
            collect_seldom()  # as a load process does
            for number in range(asked.rounds):
                took: dict[str, tuple[float, float]] = {}
                for url in (direct, gate.via) if number % 2 else (gate.via, direct):
                    took[url] = _wrk(program, f"{url}/", asked.seconds)
                by_wrk.append(took[gate.via][0] - took[direct][0])
                medians[0].append(took[gate.via][1] - took[direct][1])
                seen, sums, series = uvloop.run(_pairs(direct, gate.via, 2 * asked.seconds, number))
                by_round.append(seen.mean_ns / NS_PER_MS)
                medians[1].append(seen.quantile_ns(0.5) / NS_PER_MS)
                slots.append((sums, series))
                print(f"round {number + 1}: wrk {by_wrk[-1]:+.4f} ms, pairs {by_round[-1]:+.4f} ms",
                      flush=True)  # fmt: skip
    one, other = of_rounds(by_wrk), _of_slots(slots)
    print(f"wrk says that Envoy adds     {one}")
    print(f"wedload's pairs say          {other}")
    print(f"its rounds, one figure each  {of_rounds(by_round)}")
    print(f"medians: wrk                 {of_rounds(medians[0])}")
    print(f"medians: pairs               {of_rounds(medians[1])}")
    print("they agree" if one.agrees(other) else "they do not agree")


if __name__ == "__main__":
    main()
