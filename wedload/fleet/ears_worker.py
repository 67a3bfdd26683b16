"""The process of a run's channels: `python -m wedload.fleet.ears_worker FD`, like a load process.

Apart from the load, so that it does not disturb when messages are stamped, and that several load
processes have one receiver. All are on one machine, whose monotonic clock they share.
"""

from __future__ import annotations

import asyncio
import gc
import math
import os
import shutil
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, Final

import uvloop

from wedload.channels.ears import Ears
from wedload.clock import MonotonicClock
from wedload.engine.health import HealthProbe, raise_descriptor_limit
from wedload.errors import WedloadError
from wedload.fleet import framing
from wedload.fleet.collecting import GC_THRESHOLDS
from wedload.fleet.messages import (
    AskClock,
    Begin,
    Cannot,
    Clock,
    Failed,
    Join,
    Joined,
    Joining,
    Listen,
    Listening,
    Message,
    Quit,
    Recorded,
    Settle,
    Settled,
    Settling,
)
from wedload.metrics.recorder import Recorder
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import compile_workload

_FLUSHES_A_SECOND: Final = 4
_TOLD_NS: Final = NS_PER_S
_SWEEP_S: Final = 0.02  # deadlines are met within so much


class _Worker:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = MonotonicClock()
        self._recorder = Recorder()
        self._ears: Ears | None = None
        self._folder: Path | None = None  # of the link
        self._index = 0
        self._began_ns = 0
        self._last_second: int | None = None  # of the load, once it is over
        self._told_ns = 0  # when people were told last how far joining is
        self._until_ns = math.inf  # when what is expected is not waited for any longer
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
            if self._folder is not None:  # which nobody else is there to remove
                shutil.rmtree(self._folder, ignore_errors=True)
            os._exit(0)  # nobody is there any more to tell anything
        for task in (*self._background, *self._jobs):
            task.cancel()
        await asyncio.gather(*self._background, *self._jobs, return_exceptions=True)
        if self._ears is not None:
            await self._ears.close()

    def failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Tell of a defect in something that nobody waits for: a message may not be counted."""
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
            case Listen():
                return await self._listen(message)
            case Join():
                return Joined(await self._opened().join(message.variables, self._joining))
            case AskClock():
                return Clock(self._clock.now_ns())
            case Begin():
                self._begin()
                return None
            case Settle():
                return await self._settle(message.patience_s)
            case _:
                raise RuntimeError(f"the ears are not told {type(message).__name__}")

    def _opened(self) -> Ears:
        if self._ears is None:
            raise RuntimeError("the coordinator has not sent Listen")
        return self._ears

    async def _listen(self, message: Listen) -> Listening:
        raise_descriptor_limit()
        self._folder = Path(message.link).parent
        workload = compile_workload(message.plan, message.settings)
        self._index = message.index
        self._ears = Ears(
            message.plan, message.settings, workload, clock=self._clock, recorder=self._recorder
        )
        channels = await self._ears.listen(message.link)
        # what is compiled stays for good, and messages leave no reference cycles behind
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLDS)
        return Listening(channels)

    def _joining(self, joined: int, of: int) -> None:
        now_ns = self._clock.now_ns()
        if now_ns - self._told_ns >= _TOLD_NS:
            self._told_ns = now_ns
            self._say(Joining(joined, of))

    def _begin(self) -> None:
        self._began_ns = self._clock.now_ns()
        self._probe = HealthProbe(self._clock)
        self._background = [
            asyncio.create_task(self._probe.watch(), name="loop lag"),
            asyncio.create_task(self._flush_often(), name="flush"),
            asyncio.create_task(self._sweep_often(), name="sweep"),
        ]
        for task in self._background:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """None of these is to end by itself: what it does is missing, and nothing would settle."""
        if not task.cancelled() and (error := task.exception()) is not None:
            loop = asyncio.get_running_loop()
            self.failed(loop, {"message": task.get_name(), "exception": error})

    async def _settle(self, patience_s: float | None) -> Settled | None:
        """Wait until all is decided; told once more, only how long that may take changes."""
        ears = self._opened()
        if patience_s is not None:
            self._until_ns = self._clock.now_ns() + patience_s * NS_PER_S
        if self._last_second is not None:
            return None
        self._last_second = (self._clock.now_ns() - self._began_ns) // NS_PER_S
        while (ears.open or ears.absent) and self._clock.now_ns() < self._until_ns:
            self._say(Settling(ears.open, ears.absent))
            await asyncio.sleep(1 / _FLUSHES_A_SECOND)
        ears.finish()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        self._flush(self._last_second)
        return Settled(ears.reports())

    async def _flush_often(self) -> None:
        """Flush on the quarters of each second, so that no flush holds samples of two."""
        number = 0
        while True:
            number += 1
            await self._clock.sleep_until(self._began_ns + number * NS_PER_S // _FLUSHES_A_SECOND)
            second = (number - 1) // _FLUSHES_A_SECOND
            if self._last_second is not None:  # what is decided after the load belongs to its end
                self._flush(min(second, self._last_second))
            else:
                self._flush(second, self._probe if number % _FLUSHES_A_SECOND == 0 else None)

    async def _sweep_often(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            self._opened().sweep()

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
