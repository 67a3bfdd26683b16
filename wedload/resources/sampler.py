"""The sampler: looks at every resource of a run once a second beside the load.

A task of the coordinator's, which is not on the load's way; what takes its time in the kernel does
so in a thread. Whatever fails is counted, by resource, and ends nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from wedload.metrics.levels import LevelKey
from wedload.metrics.snapshot import Snapshot
from wedload.plan.resource_metrics import metric_of
from wedload.resources.port import SourceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wedload.metrics.levels import Level
    from wedload.resources.port import Source

    T = TypeVar("T")

#: stands for the coordinator among those that tell of a second
COORDINATOR: Final = -1
_OPEN_S: Final = 6.0
_FINISH_S: Final = 5.0
#: of the time between two samples, what one may take
_PATIENCE: Final = 0.9
#: of the time between two samples: from then on the last one is taken early
_NEARLY: Final = 0.5
_MOST_PROBLEMS: Final = 20  # different ones of a resource
_OTHERS: Final = "… and others"


class Sampler:
    """Samples resources from the begin of a load to its end."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        every_s: int,
        tell: Callable[[Snapshot], None],
        hide: Callable[[str], str] = str,
    ) -> None:
        """`tell` takes what was sampled; `hide` takes secrets out of what is said of failures."""
        self._sources = sources
        self._every_s = every_s
        self._tell = tell
        self._hide = hide
        self._open: set[str] = set()
        self._problems: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._task: asyncio.Task[None] | None = None
        self._sampling: asyncio.Task[None] | None = None  # under way, or the last one
        self._began_s = 0.0
        self._due_s = 0  # of the load, of the next sample

    async def open(self) -> dict[str, str]:
        """Look at all of them for the first time; why it could not be done, by resource."""
        await asyncio.gather(*(self._opened(name, _OPEN_S) for name in self._sources))
        return {name: next(iter(found)) for name, found in self._problems.items() if found}

    def begin(self) -> None:
        """The load begins: sample from now on."""
        self._task = asyncio.create_task(self._run(), name="resources")

    async def end(self) -> dict[str, dict[str, Any]]:
        """The load is over: what is known of each resource beside its levels. Lets go of them."""
        if self._task is not None:
            await self._last(self._task)
            (failed,) = await asyncio.gather(self._task, return_exceptions=True)
            if isinstance(failed, Exception):  # a defect: levels are missing, and nobody says so
                raise failed
        reports = await asyncio.gather(*map(self._finished, self._sources))
        await self.close()
        return dict(zip(self._sources, reports, strict=True))

    async def close(self) -> None:
        """Let go of all of them, whatever goes on."""
        if self._task is not None:
            self._task.cancel()
        for source in self._sources.values():
            with suppress(Exception):
                await source.close()

    async def _run(self) -> None:
        loop, every_s = asyncio.get_running_loop(), self._every_s
        self._began_s = loop.time()
        while True:
            # an instant that has passed meanwhile is left out: its second has no sample
            over_s = int((loop.time() - self._began_s) // every_s) * every_s
            self._due_s = max(self._due_s, over_s) + every_s
            await asyncio.sleep(self._began_s + self._due_s - loop.time())
            self._sampling = asyncio.create_task(self.sample(self._due_s - 1), name="a sample")
            await asyncio.shield(self._sampling)

    async def _last(self, task: asyncio.Task[None]) -> None:
        """End the sampling, with a last sample where one is nearly due."""
        left_s = self._began_s + self._due_s - asyncio.get_running_loop().time()
        task.cancel()
        if self._sampling is not None and not self._sampling.done():
            await self._sampling
        elif 0 < left_s <= self._every_s * _NEARLY:
            await self.sample(self._due_s - 1)

    async def sample(self, second: int) -> None:
        """Look at all of them, and tell of it as of the end of this second."""
        found = await asyncio.gather(*map(self._sampled, self._sources))
        levels = {
            LevelKey(name, metric_of(quantity)): level
            for name, of in zip(self._sources, found, strict=True)
            for quantity, level in of.items()
        }
        if levels:
            self._tell(Snapshot(COORDINATOR, second, levels=levels))

    async def _sampled(self, name: str) -> Mapping[str, Level]:
        patience_s = self._every_s * _PATIENCE
        if name not in self._open:
            await self._opened(name, patience_s)
            return {}  # what only grows has been looked at once
        return await self._patiently(name, self._sources[name].sample(), patience_s) or {}

    async def _opened(self, name: str, patience_s: float) -> None:
        problems = self._problems[name].total()
        await self._patiently(name, self._sources[name].open(), patience_s)
        if self._problems[name].total() == problems:
            self._open.add(name)

    async def _patiently(self, name: str, doing: Awaitable[T], patience_s: float) -> T | None:
        """What comes of it within a time; None: a problem that is counted."""
        try:
            async with asyncio.timeout(patience_s):
                return await doing
        except TimeoutError:
            self._count(name, f"no answer within {patience_s:g} s")
        except SourceError as error:
            self._count(name, str(error))
        except Exception as error:  # noqa: BLE001 - of a system of any kind: the load goes on
            self._count(name, f"{type(error).__name__}: {error}")
        return None

    async def _finished(self, name: str) -> dict[str, Any]:
        report = await self._patiently(name, self._sources[name].finish(), _FINISH_S) or {}
        return {**report, "problems": dict(self._problems[name])}

    def _count(self, name: str, problem: str) -> None:
        problems, said = self._problems[name], self._hide(problem)
        known = said in problems or len(problems) < _MOST_PROBLEMS
        problems[said if known else _OTHERS] += 1
