"""`python -m benchmarks channels`: what a message costs the process that listens to channels.

That process (`ears.py`) has the first core to itself; whoever talks to it (`talking.py`), and this
process, have the last one. Every message is expected of it as a load process would do, and
accounted for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmarks import machine
from benchmarks.ears import SECRET, WITHIN_S, Ears, Stretch, listening
from benchmarks.measure import Cores
from benchmarks.profiled_ears import FILE
from benchmarks.talking import Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from wedload.metrics.histogram import Histogram

LAG_LIMIT_MS = 50.0
_MOST_PER_S = 15_000  # deliveries that are made for a second of as many as can be
_ROOMS = ((1000, 20), (100, 200))  # subscribers, messages a second
_DELIVERIES_PER_S = 3_000
_CONNECTIONS = 50
_RAMP = (20, 30, 40, 60, 80, 100, 120, 140, 160, 180, 200, 250, 300)  # messages a second
_SECONDS, _MOST_S, _RAMP_S, _IDLE_S = 20, 10, 5, 5


class Talker:
    """A process that talks to the ears."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @staticmethod
    @asynccontextmanager
    async def start(what: Literal["room", "sender"], core: int) -> AsyncIterator[Talker]:
        """Start one; it is ended afterwards."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.talking", what,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        os.sched_setaffinity(process.pid, {core})
        try:
            yield Talker(process)
        finally:
            with suppress(ProcessLookupError):
                process.terminate()  # it may be in the middle of a talk that nobody hears
            await process.wait()

    async def said(self) -> Any:
        """What it prints next.

        Raises:
            OSError: it has ended.
        """
        assert self._process.stdout is not None
        if not (line := await self._process.stdout.readline()):
            raise OSError("the process that talks has ended")
        return line.decode().strip()

    async def prepare(self, talk: Talk) -> None:
        """Have it make what it is to say."""
        self._tell(json.dumps(asdict(talk)))
        await self.said()

    async def talk(self) -> dict[str, Any]:
        """Have it say that; how it went there."""
        self._tell("go")
        told: dict[str, Any] = json.loads(await self.said())
        return told

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())


@dataclass(frozen=True, slots=True)
class Hall:
    """The ears, and somebody who talks to them."""

    ears: Ears
    talker: Talker
    connections: int = 0

    async def say(self, rate: float, seconds: float) -> Stretch:
        """Measure so many messages a second; of 0 a second as many as can be."""
        ears = self.ears
        talk = Talk(
            ears.link, ears.series, WITHIN_S, round((rate or _MOST_PER_S) * seconds), rate, seconds,
            ears.url, SECRET, self.connections,
        )  # fmt: skip
        await self.talker.prepare(talk)
        return await ears.measure(self.talker.talk)


@asynccontextmanager
async def room(cores: Cores, subscribers: int, *, idle_s: int) -> AsyncIterator[Hall]:
    """Subscribers in a room of Supabase's protocol."""
    async with Talker.start("room", cores.server) as talker:
        url = f"http://127.0.0.1:{await talker.said()}"
        async with listening(
            "realtime", cores.generator, idle_s=idle_s, base_url=url, subscribers=subscribers
        ) as ears:
            yield Hall(ears, talker)


@asynccontextmanager
async def receiver(cores: Cores, connections: int, *, idle_s: int) -> AsyncIterator[Hall]:
    """A receiver of signed webhooks, and their sender."""
    async with (
        Talker.start("sender", cores.server) as talker,
        listening("webhook", cores.generator, idle_s=idle_s) as ears,
    ):
        yield Hall(ears, talker, connections)


async def ramp(
    hall: Hall, rates: Iterable[int], seconds: float, limit_ms: float
) -> AsyncIterator[tuple[int, Stretch]]:
    """One rate after the other, up to the first that is not bearable in two tries.

    Something else on the machine spoils one of them.
    """
    for rate in rates:
        for _ in range(2):
            yield rate, (one := await hall.say(rate, seconds))
            if bearable(one, limit_ms):
                break
        else:
            return


def bearable(one: Stretch, limit_ms: float) -> bool:
    """Whether the ears heard everything, and their loop lag stayed below a limit (p99)."""
    return one.complete and one.lag.quantile_ns(0.99) < limit_ms * 1e6


# --- what is printed ------------------------------------------------------------------------------


def figures(one: Stretch, ears: Ears) -> list[str]:
    """The lines about a stretch."""
    realtime, said = ears.kind == "realtime", one.said
    late = "" if said["late_ms"] is None else f"late by p99 {said['late_ms']:.1f} ms; "
    writing = f"writes to all within p50 {said['writing_ms']:.1f} ms; " if realtime else ""
    lines = {
        "copies" if realtime else "deliveries": f"{one.counts.delivered:,} of {one.expected:,};"
        f" {one.per_s:,.0f}/s",
        "CPU": f"{one.cpu_s / one.expected * 1e6:.1f} µs for each; {one.cpu:.1%} of its core,"
        f" {ears.idle_cpu:.1%} without messages",
        "loop lag": f"{_spread(one.lag)}, most {one.lag.max_ns / 1e6:.1f} ms;"
        f" longest garbage collection {one.collection_ns / 1e6:.1f} ms",
        "propagation" if realtime else "delivery": _spread(one.took),
        "memory": f"{one.memory_bytes / 2**20:.0f} MiB",
        "who talks": f"{late}{writing}{said['cpu']:.1%} of the other core",
        "noise": f"others had {one.noise.foreign_ratio:.1%} of its core, the hypervisor"
        f" {one.noise.steal_ratio:.1%}; load average {os.getloadavg()[0]:.1f}",
    }
    return [f"  {name:<13}{text}" for name, text in lines.items()]


def _spread(durations: Histogram) -> str:
    p50, p99 = (durations.quantile_ns(q) / 1e6 for q in (0.5, 0.99))
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"


async def _measure(hall: Hall, title: str, rate: float, seconds: float) -> bool:
    """Measure and print one stretch; whether every message of it was there."""
    print(f"\n{title}", flush=True)
    one = await hall.say(rate, seconds)
    print(*figures(one, hall.ears), sep="\n", flush=True)
    return one.complete


async def _realtime(cores: Cores) -> bool:
    fine = True
    for subscribers, rate in _ROOMS:
        async with room(cores, subscribers, idle_s=_IDLE_S) as hall:
            title = f"{subscribers:,} subscribers, {rate} messages/s for {_SECONDS} s"
            fine &= await _measure(hall, title, rate, _SECONDS)
            if not await _nothing_else(hall):
                fine = False
    await _climb(cores)
    return fine


async def _climb(cores: Cores) -> None:
    """Print how far the ramp gets."""
    subscribers, _ = _ROOMS[0]
    async with room(cores, subscribers, idle_s=_IDLE_S) as hall:
        print(
            f"\n{subscribers:,} subscribers, more and more messages/s, {_RAMP_S} s each", flush=True
        )
        highest = 0
        async for rate, one in ramp(hall, _RAMP, _RAMP_S, LAG_LIMIT_MS):
            print(
                f"  {rate:>4}/s: {one.counts.delivered:,} of {one.expected:,} copies,"
                f" {one.per_s:,.0f}/s; loop lag {_spread(one.lag)}; {one.cpu:.0%} of its core"
                f" (others {one.noise.foreign_ratio:.0%}), {one.said['cpu']:.0%} of the other",
                flush=True,
            )
            if bearable(one, LAG_LIMIT_MS):
                highest = rate
        print(f"  highest with a loop lag below {LAG_LIMIT_MS:g} ms (p99): {highest}/s")


async def _webhooks(cores: Cores) -> bool:
    async with receiver(cores, _CONNECTIONS, idle_s=_IDLE_S) as hall:
        paced = f"{_DELIVERIES_PER_S:,} webhooks/s for {_SECONDS} s, {_CONNECTIONS} connections"
        fine = await _measure(hall, paced, _DELIVERIES_PER_S, _SECONDS)
        fine &= await _measure(hall, f"as many webhooks as can be for {_MOST_S} s", 0, _MOST_S)
        return await _nothing_else(hall) and fine


async def _nothing_else(hall: Hall) -> bool:
    """Whether nothing was heard but what was expected; it is printed."""
    found = await hall.ears.besides()
    print(f"  besides      {found or 'nothing'}")
    return not found


def main(words: list[str]) -> None:
    """Run the cases and print their figures; the exit code is 1 if a message is missing."""
    cases = {"realtime": _realtime, "webhooks": _webhooks}
    parser = argparse.ArgumentParser(prog="python -m benchmarks channels", description=__doc__)
    parser.add_argument(
        "case", nargs="*", metavar="CASE", help=f"{' or '.join(cases)}; default: both"
    )
    parser.add_argument(
        "--profile", action="store_true", help="say what took most of its time (it is slower then)"
    )
    asked = parser.parse_args(words)
    chosen = asked.case or list(cases)
    if unknown := set(chosen) - set(cases):
        parser.error(f"there is no case {', '.join(sorted(unknown))}")
    print(*(f"{name}: {value}" for name, value in machine.describe().items()), sep=", ")
    cores = Cores.choose()
    os.sched_setaffinity(0, {cores.server})
    with tempfile.TemporaryDirectory() as folder:
        if asked.profile:
            os.environ[FILE] = str(Path(folder) / "profile")
            # as the process of the ears is started, it does not look into the folder it is in
            root, already = Path(__file__).parents[1], os.environ.get("PYTHONPATH")
            os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), already)))
        fine = [asyncio.run(cases[case](cores)) for case in chosen]
    sys.exit(0 if all(fine) else 1)
