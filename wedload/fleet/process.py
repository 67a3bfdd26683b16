"""One load process of this machine: started, talked to, and ended here.

Knows processes and messages, not what the messages mean for a run: see wedload.fleet.local.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from wedload.errors import WorkerError
from wedload.fleet import framing
from wedload.fleet.messages import Cannot, Failed, Progress, Quit

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.fleet.messages import Message

Answer = TypeVar("Answer")

_WORKER: Final = "wedload.fleet.worker"
_QUIT_S: Final = 3.0  # what a load process gets to close its connections
_KEPT_STDERR_BYTES: Final = 8_000
#: one that has load to tell of, or deletions, speaks four times a second; that it does not is told
#: after so long, and after so many times of that it is killed
_SILENCE_S: Final = 10.0
_MOST_SILENCES: Final = 6


class ProcessLostError(WorkerError):
    """A load process that nothing can be asked of any more; what it knew is gone."""


class LoadProcess:
    """One load process, as the coordinator sees it."""

    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._name = name
        self._process = process
        self._reader = reader
        self._writer = writer
        self._heard = 0  # messages
        self._given_up: str | None = None  # why it was killed
        self._stderr = asyncio.create_task(_tail(process.stderr), name="stderr of a load process")

    @staticmethod
    async def start(name: str = "a load process", module: str = _WORKER) -> LoadProcess:
        """Start one, in a session of its own: a Ctrl-C in the terminal is ours to handle.

        `name` stands for it where a person is told about it; `module` is what it runs.

        Raises:
            WorkerError: the machine does not let it.
        """
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:
            raise _not_started(name, error) from None
        try:
            with theirs:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-P", "-m", module, str(theirs.fileno()),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.PIPE,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                    # numpy's linear algebra is not used there; its threads cost memory
                    env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                )  # fmt: skip
        except BaseException as error:
            ours.close()  # one that was started all the same ends by this
            if isinstance(error, OSError):
                raise _not_started(name, error) from None
            raise
        reader, writer = await asyncio.open_connection(sock=ours)
        return LoadProcess(name, process, reader, writer)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def say(self, message: Message) -> None:
        """Send a message; that nobody is there to take it, the next answer tells."""
        if not self._writer.is_closing():  # uvloop raises RuntimeError on a closed one
            framing.write(self._writer, message)

    async def answer(
        self,
        expected: type[Answer],
        on_progress: Callable[[Progress], None] | None = None,
        on_silence: Callable[[str], None] | None = None,
    ) -> Answer:
        """The answer of that type; what comes before it is progress.

        With `on_silence`, progress is expected all the time: that there is none is told, and ends
        the process if it lasts.

        Raises:
            ProcessLostError: the load process is gone.
            WorkerError: it cannot do it, and lives on.
        """
        if on_silence is None:
            return await self._answer(expected, on_progress)
        watching = asyncio.create_task(self._watch(on_silence), name="silence of a load process")
        try:
            return await self._answer(expected, on_progress)
        finally:
            watching.cancel()

    async def _answer(
        self,
        expected: type[Answer],
        on_progress: Callable[[Progress], None] | None,
    ) -> Answer:
        while True:
            try:
                message = await framing.read(self._reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                raise await self._lost() from None
            self._heard += 1
            if isinstance(message, expected):
                return message
            if isinstance(message, Failed):
                defect = "this is a defect of wedload; please report it:\n"
                raise WorkerError(
                    f"{self._name} failed: {message.message}",
                    None if message.trace is None else defect + message.trace,
                )
            if isinstance(message, Cannot):
                raise WorkerError(message.message, message.hint)
            if isinstance(message, Progress):
                if on_progress is not None:
                    on_progress(message)
            else:
                self.kill()  # its next answer would be to another question
                raise ProcessLostError(f"{self._name} said {type(message).__name__} out of turn")

    async def _watch(self, on_silence: Callable[[str], None]) -> None:
        """Kill it when it says nothing for long.

        Counted in stretches that this process lives through: one that was itself stopped for long
        has heard nothing, either.
        """
        silences, heard = 0, self._heard
        while silences < _MOST_SILENCES:
            await asyncio.sleep(_SILENCE_S)
            silences = silences + 1 if heard == self._heard else 0
            heard = self._heard
            if silences == 1:
                on_silence(f"{self._name} (pid {self.pid}) says nothing: is it stopped?")
        self._given_up = f"it said nothing for {_SILENCE_S * _MOST_SILENCES:g} s"
        self.kill()

    async def ask(self, message: Message, expected: type[Answer]) -> Answer:
        """Send a message and wait for its answer."""
        self.say(message)
        return await self.answer(expected)

    async def stop(self) -> None:
        """End it: asked first, killed if it does not listen."""
        if self._process.returncode is None:
            with suppress(ConnectionError):
                self.say(Quit())
                await self._writer.drain()
            await self._ended()
        self._writer.close()
        self._stderr.cancel()
        await asyncio.gather(self._stderr, return_exceptions=True)

    def kill(self) -> None:
        """End it this instant."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def _lost(self) -> ProcessLostError:
        await self._ended()  # by itself, as it has closed its socket
        code = await self._process.wait()
        said = (await self._stderr).decode("utf-8", "replace").strip()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        why = self._given_up or how
        return ProcessLostError(f"{self._name} (pid {self.pid}) was lost: {why}", said or None)

    async def _ended(self) -> None:
        """Wait for its end; killed if it takes long."""
        try:
            async with asyncio.timeout(_QUIT_S):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()


def _not_started(name: str, error: OSError) -> WorkerError:
    return WorkerError(
        f"{name} could not be started: {error.strerror or error}",
        "the machine may be out of processes, files or memory: try fewer --workers",
    )


async def _tail(stream: asyncio.StreamReader | None) -> bytes:
    """Read a stream to its end; its last bytes."""
    kept = b""
    while stream is not None and (data := await stream.read(4096)):
        kept = (kept + data)[-_KEPT_STDERR_BYTES:]
    return kept
