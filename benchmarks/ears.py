"""The ears, the process that listens to channels, started as runs start it, and measured.

It has a core to itself; this process does what a run's coordinator does. What is said to it, and by
whom, is `channels.py`'s business.
"""

from __future__ import annotations

import asyncio
import base64
import math
import os
import sys
import tempfile
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmarks import profiled_ears
from benchmarks.measure import CoreTimes, Noise, cpu_s
from benchmarks.profiled_ears import FILE
from benchmarks.talking import TOPIC
from wedload.fleet.ears import EarsProcess
from wedload.fleet.process import LoadProcess
from wedload.metrics.histogram import Histogram
from wedload.metrics.summary import Summary
from wedload.plan.loader import parse_plan
from wedload.plan.secrets.vault import Vault
from wedload.results.channels import ChannelCounts, channel_counts, channel_where, took
from wedload.workload.compile_plan import Settings, compile_workload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from wedload.errors import WorkerError
    from wedload.metrics.catalogue import Catalogue
    from wedload.metrics.snapshot import Health, Snapshot

Kind = Literal["realtime", "webhook"]
CHANNEL = "talk"
WITHIN_S = 10.0
#: the key of a receiver's signatures, as base64
SECRET = base64.b64encode(b"a secret that anybody may know").decode()
_STEP = "it is there"
_PLAN = """
schema = 1
name = "ears"
[targets.server]
base_url = "{url}"
[channels.talk]
within = "{within}s"
{channel}
[scenarios.all]
executor = "constant-vus"
vus = 1
duration = "1s"
workflow = "flow"
[[workflows.flow]]
name = "cause it"
http = "POST /"
capture = {{ id = "json.id" }}
[[workflows.flow]]
name = "it is there"
await = {{ channel = "talk", key = "id", wait = false }}
"""
_OF_KIND: dict[Kind, str] = {
    "realtime": f"""
realtime = "supabase"
url = "/realtime/v1/websocket"
topic = "{TOPIC}"
subscribers = {{subscribers}}
joins = "1000/s"
key = "json.id"
""",
    "webhook": """
webhook = "/hooks"
signature = {{ scheme = "standard-webhooks", secret = "${{env.WEDLOAD_SECRET}}" }}
key = "json.data.reference"
""",
}
_MOST_WAIT_S = 60.0  # for what must be there, or be missed, long before
_PATIENCE_S = 1.0
_NOWHERE = "http://127.0.0.1:9"  # the target of a webhook's plan, to which nothing is sent


class Heard:
    """What the ears tell, since it was asked last. Implements `wedload.fleet.port.Watcher`."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._lost: WorkerError | None = None
        self._news = asyncio.Event()
        self.whole = Summary(catalogue)  # since the start
        self.restart()

    def restart(self) -> None:
        """Forget what was told."""
        self.summary = Summary(self._catalogue)
        self.healths: list[Health] = []  # one a second

    async def until(self, enough: Callable[[], bool]) -> None:
        """Wait until enough has been told.

        Raises:
            WorkerError: the ears are lost.
            TimeoutError: it never is.
        """
        async with asyncio.timeout(_MOST_WAIT_S):
            while not enough():
                if self._lost is not None:
                    raise self._lost
                self._news.clear()
                await self._news.wait()

    async def seconds(self, number: int) -> None:
        """Let so many seconds begin and end, as the ears count them."""
        until = len(self.healths) + number
        await self.until(lambda: len(self.healths) >= until)

    def recorded(self, snapshot: Snapshot) -> None:
        """See `Watcher`."""
        self.summary.add(snapshot)
        self.whole.add(snapshot)
        if snapshot.health is not None:
            self.healths.append(snapshot.health)
        self._news.set()

    def lost(self, error: WorkerError) -> None:
        """See `Watcher`."""
        self._lost = error
        self._news.set()

    def silent(self, what: str) -> None:
        """See `Watcher`."""
        print(what, file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What came of one talk."""

    said: dict[str, Any]  # how it went where it came from
    expected: int  # messages, once for each subscriber
    counts: ChannelCounts
    cpu_s: float  # of the ears, beyond what they use without messages
    cpu: float  # share of their core, all in all
    lag: Histogram
    took: Histogram
    collection_ns: int  # the longest pause for a garbage collection
    memory_bytes: int
    noise: Noise

    @property
    def complete(self) -> bool:
        """Whether every message was there in time."""
        return self.counts.delivered == self.expected

    @property
    def per_s(self) -> float:
        """Messages a second, once for each subscriber."""
        return self.expected / float(self.said["seconds"])


@dataclass(frozen=True, slots=True)
class Ears:
    """The process that is measured, listening."""

    process: EarsProcess
    heard: Heard
    kind: Kind
    subscribers: int
    link: str
    series: int
    url: str  # of the receiver
    idle_cpu: float  # share of its core without any message
    core: int

    async def measure(self, talk: Callable[[], Awaitable[dict[str, Any]]]) -> Stretch:
        """Measure a talk, from its first message until the last one is there or missed.

        It gives, at its end, how it went where it came from: `said` messages in `seconds`.

        Raises:
            WorkerError: the ears are lost.
            TimeoutError: it does not end.
            OSError: who talks is gone.
        """
        heard, pid = self.heard, self.process.pid
        await heard.seconds(1)  # a talk begins with a second of the ears
        heard.restart()
        begin, before_s = CoreTimes.of(self.core), cpu_s(pid)
        talking = asyncio.ensure_future(talk())
        try:
            await heard.until(talking.done)
        finally:
            talking.cancel()  # of no effect but when the ears are lost
        said = talking.result()
        expected = said["said"] * self.subscribers
        what, where = f"{self.kind}_expected", channel_where(CHANNEL)
        with suppress(TimeoutError):  # nobody decides what a subscriber who was dropped has missed
            await heard.until(lambda: heard.summary.count(what, where) >= expected)
        end, used_s = CoreTimes.of(self.core), cpu_s(pid) - before_s
        span_s = end.at_s - begin.at_s
        seconds = max(math.floor(said["seconds"]), 1)
        await heard.until(lambda: len(heard.healths) >= seconds)
        healths = heard.healths[:seconds]
        return Stretch(
            said=said,
            expected=expected,
            counts=channel_counts(heard.summary, CHANNEL, self.kind),
            cpu_s=used_s - self.idle_cpu * span_s,
            cpu=used_s / span_s,
            lag=Histogram.merge(one.loop_lag for one in healths),
            took=took(heard.summary, CHANNEL, self.kind),
            collection_ns=max(one.gc_longest_ns for one in healths),
            memory_bytes=heard.healths[-1].memory_bytes,
            noise=begin.noise_until(end, used_s),
        )

    async def besides(self) -> dict[str, int]:
        """End what it listens for; what it has heard in all besides what was expected."""
        await self.process.settle(_PATIENCE_S)
        counts = channel_counts(self.heard.whole, CHANNEL, self.kind)
        found = {
            "missed": counts.missed, "undecided": counts.undecided,
            "duplicates": counts.duplicates, "unexpected": counts.unexpected, **counts.rejected,
            **counts.drops,
        }  # fmt: skip
        return {name: number for name, number in found.items() if number}


@asynccontextmanager
async def listening(
    kind: Kind, core: int, *, idle_s: int, base_url: str = _NOWHERE, subscribers: int = 1
) -> AsyncIterator[Ears]:
    """Start the ears, let subscribers join, and see what they cost without messages.

    Raises:
        WedloadError: they cannot listen, or not all have joined.
    """
    channel = _OF_KIND[kind].format(subscribers=subscribers)
    text = _PLAN.format(url=base_url, within=WITHIN_S, channel=channel)
    plan = parse_plan(text, file="channels.toml", base=Path()).plan
    env = Vault({"WEDLOAD_SECRET": f"whsec_{SECRET}"})
    settings = Settings(target="server", base_url=base_url, env=env)
    workload = compile_workload(plan, settings)
    heard = Heard(workload.catalogue)
    (series,) = heard.whole.series_numbers((("step", _STEP),))
    process = await _started(heard)
    try:
        os.sched_setaffinity(process.pid, {core})
        with tempfile.TemporaryDirectory(prefix="wedload-ears-") as folder:
            link = str(Path(folder) / "link")
            found = await process.listen(plan, settings, link, 0)
            await process.join({})
            process.begin(lambda: None)
            await heard.seconds(1)
            before_s = cpu_s(process.pid)
            await heard.seconds(idle_s)
            idle = (cpu_s(process.pid) - before_s) / idle_s
            yield Ears(
                process, heard, kind, subscribers, link, series,
                found[CHANNEL].get("url", ""), idle, core,
            )  # fmt: skip
    finally:
        await process.stop()
        _print_profile()


async def _started(heard: Heard) -> EarsProcess:
    """The ears; under a profiler if `main` was asked for that."""
    if FILE not in os.environ:
        return await EarsProcess.start(heard, _ignore)
    return EarsProcess(await LoadProcess.start("ears", profiled_ears.__name__), heard, _ignore)


def _print_profile() -> None:
    if FILE in os.environ:
        print(Path(os.environ[FILE]).read_text(encoding="utf-8"))


def _ignore(_text: str) -> None:
    """How far the ears are is of no interest here."""
