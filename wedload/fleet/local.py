"""The fleet of this machine: load processes that the coordinator starts and talks to itself."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from wedload.errors import WorkerError
from wedload.fleet.messages import (
    Abort,
    Cleanup,
    CleanupDone,
    CleanupLeft,
    CutProbe,
    EndProbes,
    GetReady,
    Load,
    LoadDone,
    Pause,
    Prepare,
    Prepared,
    Probe,
    Ready,
    Recorded,
    Recover,
    Resume,
    Scale,
    Setup,
    SetupDone,
    Sweep,
    SweepDone,
    Teardown,
    TeardownDone,
)
from wedload.fleet.process import LoadProcess, ProcessLostError
from wedload.metrics.cleanup_count import CleanupCount
from wedload.workload.segment import Segment
from wedload.workload.verbs.sql import slowest_of_all

#: why something is left behind whose load process did not live to delete it
_LIST_LOST = "its load process was lost"

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from wedload.fleet.messages import Message, Progress
    from wedload.fleet.port import Watcher
    from wedload.fleet.process import Answer
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings


class LocalFleet:
    """Load processes on this machine. Implements `wedload.fleet.port.Fleet`."""

    def __init__(self, count: int, watcher: Watcher) -> None:
        self.count = count
        self._watcher = watcher
        self._processes: dict[int, LoadProcess] = {}  # index of its segment -> one that lives
        self._lost: list[LoadProcess] = []
        self._counts: dict[int, CleanupCount] = {}  # what each has last told of its list
        self._prepared: tuple[Plan, Settings] | None = None
        self._killed = False

    async def prepare(self, plan: Plan, settings: Settings) -> None:
        """See `Fleet.prepare`."""
        self._prepared = plan, settings
        await _all(map(self._start, range(self.count)))
        await _all(
            process.ask(Prepare(plan, settings, Segment(index, self.count)), Prepared)
            for index, process in self._processes.items()
        )

    async def setup(self) -> SetupDone | None:
        """See `Fleet.setup`."""
        return await self._ask(min(self._processes), Setup(), SetupDone)

    async def get_ready(self, variables: dict[str, Any]) -> None:
        """See `Fleet.get_ready`."""
        await _all(process.ask(GetReady(variables), Ready) for process in self._processes.values())

    async def load(self, variables: dict[str, Any]) -> LoadDone:
        """See `Fleet.load`."""
        indices = list(self._processes)
        for index in indices:  # all of them before anything else: they start when this arrives
            self._processes[index].say(Load(variables))
        found = await asyncio.gather(*map(self._loaded, indices))
        done = [one for one in found if one is not None]
        ended_early = [scenario_and_why for one in done for scenario_and_why in one.ended_early]
        missing: defaultdict[str, float] = defaultdict(float)
        for one in done:
            for scenario, amount in one.missing.items():
                missing[scenario] += amount
        slowest = slowest_of_all([query for one in done for query in one.slowest])
        return LoadDone(list(dict.fromkeys(ended_early)), dict(missing), slowest)

    def abort(self) -> None:
        """See `Fleet.abort`."""
        self._say(Abort())

    def scale(self, scenario: str, vus: int) -> None:
        """See `Fleet.scale`."""
        self._say(Scale(scenario, vus))

    def pause(self, scenario: str) -> None:
        """See `Fleet.pause`."""
        self._say(Pause(scenario))

    def resume(self, scenario: str) -> None:
        """See `Fleet.resume`."""
        self._say(Resume(scenario))

    def probe(self, probe: Probe) -> None:
        """See `Fleet.probe`."""
        self._say(probe)

    def cut_probe(self) -> None:
        """See `Fleet.cut_probe`."""
        self._say(CutProbe())

    def end_probes(self) -> None:
        """See `Fleet.end_probes`."""
        self._say(EndProbes())

    async def teardown(self, variables: dict[str, Any]) -> list[str]:
        """See `Fleet.teardown`."""
        if (index := await self._anybody()) is None:
            return ["no load process was left to do it"]
        done = await self._ask(index, Teardown(variables), TeardownDone)
        return [] if done is None else done.problems

    async def cleanup(self, left: Callable[[int], None]) -> CleanupCount:
        """See `Fleet.cleanup`."""

        def told() -> None:
            left(sum(self._counts[index].left for index in self._processes))

        indices = list(self._processes)
        for index in indices:
            self._counts.setdefault(index, CleanupCount())
            self._processes[index].say(Cleanup())
        found = await asyncio.gather(
            *(self._answer(index, CleanupDone, self._watcher.silent, told) for index in indices)
        )
        for index, done in zip(indices, found, strict=True):
            if done is not None:
                self._counts[index] = done.count
        lost = frozenset(range(self.count)) - self._processes.keys()
        if lost and self._journal and (count := await self.recover(left, lost)) is not None:
            for index in lost:
                self._counts.pop(index, None)
            self._counts[self.count] = count
        for count in self._counts.values():
            if count.left:
                count.leak(_LIST_LOST, count.left)
        return CleanupCount.total(self._counts.values())

    async def sweep(self, variables: dict[str, Any]) -> SweepDone | None:
        """See `Fleet.sweep`."""
        index = await self._anybody()
        return None if index is None else await self._ask(index, Sweep(variables), SweepDone)

    async def recover(
        self, left: Callable[[int], None], indices: frozenset[int] | None = None
    ) -> CleanupCount | None:
        """Delete what the journal says that load processes have created which are gone.

        Those of these indices, or all. None: nobody was left to do it, or is any more.
        """
        if (index := await self._anybody()) is None:
            return None

        def told() -> None:
            left(self._counts[index].left)

        own = self._counts.get(index)
        self._processes[index].say(Recover(indices))
        done = await self._answer(index, CleanupDone, self._watcher.silent, told)
        self._counts.pop(index, None)  # that of the journal
        if own is not None:
            self._counts[index] = own
        return None if done is None else done.count

    def kill(self) -> None:
        """See `Fleet.kill`."""
        self._killed = True
        for process in (*self._processes.values(), *self._lost):
            process.kill()

    async def stop(self) -> None:
        """See `Fleet.stop`."""
        every = (*self._processes.values(), *self._lost)
        await asyncio.gather(*(process.stop() for process in every))

    # --- inside -----------------------------------------------------------------------------

    @property
    def _journal(self) -> bool:
        """Whether what was created is known elsewhere than in the process that created it."""
        return self._prepared is not None and bool(self._prepared[1].journal)

    async def _anybody(self) -> int | None:
        """The index of a load process that can do what one does for all; None: there is none.

        Where all are gone another one is started, if it can know what they have left.
        """
        if self._processes:
            return min(self._processes)
        if self._killed or self._prepared is None or not self._journal:
            return None
        try:
            await self._start(self.count)
            await self._processes[self.count].ask(Prepare(*self._prepared, Segment()), Prepared)
        except WorkerError as error:
            self._watcher.lost(error)
            return None
        return self.count

    def _say(self, message: Message) -> None:
        for process in self._processes.values():
            process.say(message)

    async def _start(self, index: int) -> None:
        name = "a load process" if self.count == 1 else f"load process {index + 1}"
        if self.count > 1:
            name += f" of {self.count}"
        self._processes[index] = await LoadProcess.start(name)

    async def _loaded(self, index: int) -> LoadDone | None:
        done = await self._answer(index, LoadDone, self._watcher.silent)
        if done is None:
            self.abort()
        return done

    async def _ask(self, index: int, message: Message, expected: type[Answer]) -> Answer | None:
        self._processes[index].say(message)
        return await self._answer(index, expected)

    async def _answer(
        self,
        index: int,
        expected: type[Answer],
        on_silence: Callable[[str], None] | None = None,
        on_left: Callable[[], None] | None = None,
    ) -> Answer | None:
        """The answer of one load process; None if it has none, which the watcher is told.

        One that failed in what it was asked for is there still, and can delete what it created.
        """

        def progress(said: Progress) -> None:
            if isinstance(said, CleanupLeft):
                self._counts[index] = said.count
                if on_left is not None:
                    on_left()
            elif isinstance(said, Recorded):
                self._watcher.recorded(said.snapshot)
                if expected is not CleanupDone:
                    self._counts[index] = CleanupCount(created=said.created)

        try:
            return await self._processes[index].answer(expected, progress, on_silence)
        except WorkerError as error:
            if isinstance(error, ProcessLostError):
                self._lost.append(self._processes.pop(index))
            self._watcher.lost(error)
            return None


async def _all(each: Iterable[Awaitable[object]]) -> None:
    """Wait for all of them, also if one fails; its error is raised then."""
    for ended in await asyncio.gather(*each, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended
