"""The process of a run's third parties: `python -m wedload.fleet.third_parties_worker FD`.

Apart from the load, which it must not disturb, and from the target, which must not disturb it: what
a third party takes is to be what the plan says. It follows the faults' timeline by itself.
"""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import sys
import traceback
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import uvloop

from wedload.clock import MonotonicClock
from wedload.dependencies.observation import Observation
from wedload.engine.health import HealthProbe, raise_descriptor_limit
from wedload.errors import WedloadError
from wedload.fleet import framing
from wedload.fleet.collecting import GC_THRESHOLDS
from wedload.fleet.messages import (
    Cannot,
    Failed,
    Message,
    Quit,
    Recorded,
    Settle,
)
from wedload.fleet.party_messages import (
    BeginParties,
    EndFaults,
    Observe,
    Observing,
    OpenParties,
    PartiesBegun,
    PartiesOpened,
    PartiesSettled,
)
from wedload.metrics.recorder import Recorder
from wedload.simulators.world import World
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import compile_workload

if TYPE_CHECKING:
    from wedload.simulators.attempt import Attempt

_FLUSHES_A_SECOND: Final = 4


class _Worker:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = MonotonicClock()
        self._recorder = Recorder()
        self._world: World | None = None
        self._observation: Observation | None = None
        self._index = 0
        self._began_ns = 0
        self._last_second: int | None = None  # of the load, once it is over
        self._probe: HealthProbe | None = None
        self._background: list[asyncio.Task[None]] = []
        self._jobs: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        """Follow the coordinator's messages until it says to quit, or is gone."""
        try:
            while not isinstance(message := await framing.read(self._reader), Quit):
                job = asyncio.create_task(self._answer(message))
                self._jobs.add(job)
                job.add_done_callback(self._jobs.discard)
        except (asyncio.IncompleteReadError, ConnectionError):
            os._exit(0)  # nobody is there any more to tell anything
        for task in (*self._background, *self._jobs):
            task.cancel()
        await asyncio.gather(*self._background, *self._jobs, return_exceptions=True)
        if self._world is not None:
            await self._world.close()

    def failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Tell of a defect in something that nobody waits for: an attempt may not be counted."""
        error = context.get("exception")
        said = context["message"] if error is None else f"{type(error).__name__}: {error}"
        trace = None if error is None else "".join(traceback.format_exception(error))
        self._say(Failed(said, trace))

    def _say(self, message: Message) -> None:
        framing.write(self._writer, message)

    async def _answer(self, message: Message) -> None:
        try:
            answer = await self._do(message)
            if answer is not None:
                self._say(answer)
        except WedloadError as error:
            self._say(Cannot(error.message, error.hint))
        except Exception as error:  # noqa: BLE001 - told to the coordinator, which ends the run
            self._say(Failed(f"{type(error).__name__}: {error}", traceback.format_exc()))

    async def _do(self, message: Message) -> Message | None:
        match message:
            case OpenParties():
                return await self._open(message)
            case Observe():
                return await self._observe(message)
            case BeginParties():
                self._begin()
                return PartiesBegun()
            case EndFaults():
                self._opened().end_faults()
                return None
            case Settle():
                return await self._settle(message.patience_s)
            case _:
                raise RuntimeError(f"third parties are not told {type(message).__name__}")

    def _opened(self) -> World:
        if self._world is None:
            raise RuntimeError("the coordinator has not sent OpenParties")
        return self._world

    def _observing(self) -> Observation:
        if self._observation is None:
            raise RuntimeError("the coordinator has not sent Observe")
        return self._observation

    async def _open(self, message: OpenParties) -> PartiesOpened:
        raise_descriptor_limit()
        plan = message.plan
        self._world = World(
            plan.dependencies,
            plan.proxies,
            plan.faults,
            seed=message.seed,
            time_scale=message.time_scale,
            told=self._told,
            clock=self._clock,
            env=message.env,
            warn=self._recorder.note,
        )
        places = await self._world.open()
        return PartiesOpened(places.dependencies, places.proxies)

    def _told(self, attempt: Attempt) -> None:
        if self._observation is not None:  # what comes before that is no part of the run
            self._observation(attempt)

    async def _observe(self, message: Observe) -> Observing:
        workload = compile_workload(message.plan, message.settings)
        self._index = message.index
        self._observation = Observation(
            self._recorder, message.plan.dependencies, workload.dependencies, workload.run_phases
        )
        if message.sandbox is not None:
            there = urlsplit(message.sandbox)
            assert there.hostname is not None
            assert there.port is not None
            await self._opened().connect((there.hostname, there.port))
        # what is compiled stays for good, and attempts leave no reference cycles behind
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        return Observing()

    def _begin(self) -> None:
        self._began_ns = self._clock.now_ns()
        self._observing().begin(self._began_ns)
        self._opened().begin()
        self._probe = HealthProbe(self._clock)
        self._background = [
            asyncio.create_task(self._probe.watch(), name="loop lag"),
            asyncio.create_task(self._flush_often(), name="flush"),
        ]
        for task in self._background:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """None of these is to end by itself: what it does is missing, and nothing would settle."""
        if not task.cancelled() and (error := task.exception()) is not None:
            loop = asyncio.get_running_loop()
            self.failed(loop, {"message": task.get_name(), "exception": error})

    async def _settle(self, patience_s: float | None) -> PartiesSettled | None:
        """Wait for operations that have not fared well and may go on, and for attempts under way.

        What the target does beside the requests of the load may go on for ever, so no longer than
        `patience_s`.
        """
        if self._last_second is not None:
            return None
        world, observation = self._opened(), self._observing()
        now_ns = self._clock.now_ns()
        observation.end(now_ns)
        self._last_second = (now_ns - self._began_ns) // NS_PER_S
        until_ns = now_ns + round((patience_s or 0.0) * NS_PER_S)
        while (now_ns := self._clock.now_ns()) < until_ns and (
            world.oldest_ns() is not None or observation.awaited(now_ns)
        ):
            await asyncio.sleep(0.05)
        observation.finish()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._flush(self._last_second)
        reports = world.reports()
        seen = observation.reports()
        return PartiesSettled(
            {name: {**seen[name], **report} for name, report in reports.dependencies.items()},
            reports.proxies,
        )

    async def _flush_often(self) -> None:
        """Flush on the quarters of each second, so that no flush holds samples of two."""
        number = 0
        while True:
            number += 1
            await self._clock.sleep_until(self._began_ns + number * NS_PER_S // _FLUSHES_A_SECOND)
            self._sweep()
            second = (number - 1) // _FLUSHES_A_SECOND
            if self._last_second is not None:  # what is decided after the load belongs to its end
                self._flush(min(second, self._last_second))
            else:
                self._flush(second, self._probe if number % _FLUSHES_A_SECOND == 0 else None)

    def _sweep(self) -> None:
        """See which operations are over: no attempt that came earlier is still under way."""
        now_ns, oldest_ns = self._clock.now_ns(), self._opened().oldest_ns()
        self._observing().sweep(now_ns if oldest_ns is None else min(oldest_ns, now_ns))

    def _flush(self, second: int, probe: HealthProbe | None = None) -> None:
        health = None if probe is None else probe.take()
        self._say(Recorded(self._recorder.flush(self._index, second, {}, health)))


async def _main(descriptor: int) -> None:
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=descriptor))
    worker = _Worker(reader, writer)
    asyncio.get_running_loop().set_exception_handler(worker.failed)
    await worker.serve()
    writer.close()
    await writer.wait_closed()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1])))
