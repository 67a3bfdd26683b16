"""The process of a run's channels: `python -m wedload.fleet.ears_worker FD`, like a load process.

Apart from the load, so that it does not disturb when messages are stamped, and that several load
processes have one receiver. All are on one machine, whose monotonic clock they share.
"""

from __future__ import annotations

import asyncio
import math
import shutil
import sys
from pathlib import Path
from typing import Final

import uvloop

from wedload.channels.ears import Ears
from wedload.engine.health import raise_descriptor_limit
from wedload.fleet.collecting import collect_seldom
from wedload.fleet.ears_messages import (
    AskClock,
    Begin,
    Clock,
    Join,
    Joined,
    Joining,
    Listen,
    Listening,
    Settled,
    Settling,
)
from wedload.fleet.messages import Message, Settle
from wedload.fleet.side_process import FLUSHES_A_SECOND, SideProcess, serve
from wedload.fleet.telling import learn
from wedload.safety.redactor import KNOWN
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import compile_workload

_TOLD_NS: Final = NS_PER_S
_SWEEP_S: Final = 0.02  # deadlines are met within so much


class _Ears(SideProcess):
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self._ears: Ears | None = None
        self._folder: Path | None = None  # of the link
        self._told_ns = 0  # when people were told last how far joining is
        self._until_ns = math.inf  # when what is expected is not waited for any longer

    async def _do(self, message: Message) -> Message | None:
        match message:
            case Listen():
                return await self._listen(message)
            case Join():
                KNOWN.learn_captured(message.variables)
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

    def _forsaken(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _close(self) -> None:
        if self._ears is not None:
            await self._ears.close()

    def _opened(self) -> Ears:
        if self._ears is None:
            raise RuntimeError("the coordinator has not sent Listen")
        return self._ears

    async def _listen(self, message: Listen) -> Listening:
        raise_descriptor_limit()
        self._folder = Path(message.link).parent
        learn(message.plan, message.settings)
        workload = compile_workload(message.plan, message.settings)
        self._index = message.index
        self._ears = Ears(
            message.plan, message.settings, workload, clock=self._clock, recorder=self._recorder
        )
        channels = await self._ears.listen(message.link)
        collect_seldom()
        return Listening(channels)

    def _joining(self, joined: int, of: int) -> None:
        now_ns = self._clock.now_ns()
        if now_ns - self._told_ns >= _TOLD_NS:
            self._told_ns = now_ns
            self._say(Joining(joined, of))

    def _begin(self) -> None:
        self._watch(self._clock.now_ns(), sweep=self._sweep_often())

    async def _settle(self, patience_s: float | None) -> Settled | None:
        """Wait until all is decided; told once more, only how long that may take changes."""
        ears = self._opened()
        if patience_s is not None:
            self._until_ns = self._clock.now_ns() + patience_s * NS_PER_S
        if self._last_second is not None:
            return None
        self._load_over(self._clock.now_ns())
        while (ears.open or ears.absent) and self._clock.now_ns() < self._until_ns:
            self._say(Settling(ears.open, ears.absent))
            await asyncio.sleep(1 / FLUSHES_A_SECOND)
        ears.finish()
        await self._last_flush()
        return Settled(ears.reports())

    async def _sweep_often(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_S)
            self._opened().sweep()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), _Ears))
