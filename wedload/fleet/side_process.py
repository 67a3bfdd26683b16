"""What the processes beside the load have in common: ears, and third parties.

They do what the coordinator says, flush what they record four times a second, watch themselves, and
end at once when the coordinator is gone.
"""

from __future__ import annotations

import asyncio
import os
import socket
import traceback
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from wedload.clock import MonotonicClock
from wedload.engine.health import HealthProbe
from wedload.errors import WedloadError
from wedload.fleet import framing
from wedload.fleet.messages import Cannot, Failed, Message, Quit, Recorded
from wedload.fleet.telling import without_secrets
from wedload.metrics.recorder import Recorder
from wedload.safety.streams import redacted_streams
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import Coroutine

FLUSHES_A_SECOND: Final = 4


class SideProcess(ABC):
    """Messages, flushes and health; what it is for is its subclass's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._clock = MonotonicClock()
        self._recorder = Recorder()
        self._index = 0  # among all that record
        self._began_ns = 0
        self._last_second: int | None = None  # of the load, once it is over
        self._probe: HealthProbe | None = None
        self._background: list[asyncio.Task[None]] = []
        self._jobs: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def _do(self, message: Message) -> Message | None:
        """Do what a message asks for; its answer, if it has one."""

    @abstractmethod
    async def _close(self) -> None:
        """Let go of what was opened."""

    def _forsaken(self) -> None:  # noqa: B027 - most leave nothing behind
        """The coordinator is gone: remove what nobody else will. The process ends at once then."""

    def _before_flush(self) -> None:  # noqa: B027 - most record as things happen
        """Record what is known by now."""

    async def serve(self) -> None:
        """Follow the coordinator's messages until it says to quit, or is gone."""
        try:
            while not isinstance(message := await framing.read(self._reader), Quit):
                job = asyncio.create_task(self._answer(message))
                self._jobs.add(job)
                job.add_done_callback(self._jobs.discard)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._forsaken()
            os._exit(0)  # nobody is there any more to tell anything
        for task in (*self._background, *self._jobs):
            task.cancel()
        await asyncio.gather(*self._background, *self._jobs, return_exceptions=True)
        await self._close()

    def failed(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Tell of a defect in something that nobody waits for: what it missed is not counted."""
        error = context.get("exception")
        said = context["message"] if error is None else f"{type(error).__name__}: {error}"
        trace = None if error is None else "".join(traceback.format_exception(error))
        self._say(Failed(said, trace))

    def _say(self, message: Message) -> None:
        framing.write(self._writer, without_secrets(message))

    async def _answer(self, message: Message) -> None:
        try:
            answer = await self._do(message)
            if answer is not None:
                self._say(answer)
        except WedloadError as error:
            self._say(Cannot(error.message, error.hint))
        except Exception as error:  # noqa: BLE001 - told to the coordinator, which ends the run
            self._say(Failed(f"{type(error).__name__}: {error}", traceback.format_exc()))

    def _watch(self, began_ns: int, **more: Coroutine[Any, Any, None]) -> None:
        """The load begins: flush, watch oneself, and run what else there is, each by its name."""
        self._began_ns = began_ns
        self._probe = HealthProbe(self._clock)
        running = {"loop lag": self._probe.watch(), "flush": self._flush_often(), **more}
        self._background = [asyncio.create_task(one, name=name) for name, one in running.items()]
        for task in self._background:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """None of these is to end by itself: what it does is missing, and nothing would settle."""
        if not task.cancelled() and (error := task.exception()) is not None:
            loop = asyncio.get_running_loop()
            self.failed(loop, {"message": task.get_name(), "exception": error})

    def _load_over(self, now_ns: int) -> None:
        """What is recorded from now on belongs to this second, the last of the load."""
        self._last_second = (now_ns - self._began_ns) // NS_PER_S

    async def _last_flush(self) -> None:
        """Flush what is left, and no more."""
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        assert self._last_second is not None
        self._flush(self._last_second)

    async def _flush_often(self) -> None:
        """Flush on the quarters of each second, so that no flush holds samples of two."""
        number = 0
        while True:
            number += 1
            await self._clock.sleep_until(self._began_ns + number * NS_PER_S // FLUSHES_A_SECOND)
            self._before_flush()
            second = (number - 1) // FLUSHES_A_SECOND
            if self._last_second is not None:  # what is decided after the load belongs to its end
                self._flush(min(second, self._last_second))
            else:
                self._flush(second, self._probe if number % FLUSHES_A_SECOND == 0 else None)

    def _flush(self, second: int, probe: HealthProbe | None = None) -> None:
        health = None if probe is None else probe.take()
        self._say(Recorded(self._recorder.flush(self._index, second, {}, health)))


async def serve(descriptor: int, kind: type[SideProcess]) -> None:
    """Be such a process, on this end of a socket pair, until the coordinator says to quit."""
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=descriptor))
    process = kind(reader, writer)
    asyncio.get_running_loop().set_exception_handler(process.failed)
    with redacted_streams():
        await process.serve()
    writer.close()
    await writer.wait_closed()
