"""The receiver of a run's spans as a process: started before its target, gone after everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.errors import EarError, WorkerError
from wedload.fleet.messages import Settle
from wedload.fleet.process import LoadProcess
from wedload.fleet.span_messages import OpenSpans, SettleSpans, SpansOpened, SpansSettled

if TYPE_CHECKING:
    from wedload.fleet.messages import Message

_NAME: Final = "the process that receives spans"


class SpansProcess:
    """The process that receives spans, as the coordinator sees it."""

    def __init__(self, process: LoadProcess) -> None:
        self._process = process

    @staticmethod
    async def start() -> SpansProcess:
        """Start it.

        Raises:
            WorkerError: the machine does not let it.
        """
        return SpansProcess(await LoadProcess.start(_NAME, "wedload.fleet.spans_worker"))

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def open(self, asked: OpenSpans) -> str:
        """Receive spans from now on; the URL at which that is.

        Raises:
            EarError: nobody can listen there.
        """
        try:
            opened: SpansOpened = await self._ask(asked, SpansOpened)
        except WorkerError as error:
            raise EarError(error.message, error.hint) from None
        return opened.endpoint

    async def settle(self, requests: int, patience_s: float) -> SpansSettled:
        """The load is over: what came of it, after a wait of so long at most.

        Raises:
            WorkerError: the process is lost.
        """
        settled: SpansSettled = await self._ask(SettleSpans(requests, patience_s), SpansSettled)
        return settled

    def hurry(self, patience_s: float) -> None:
        """Wait so long at most for late spans, if they are waited for."""
        self._process.say(Settle(patience_s))

    def kill(self) -> None:
        """End it this instant."""
        self._process.kill()

    async def stop(self) -> None:
        """End it: asked first."""
        await self._process.stop()

    async def _ask(self, message: Message, expected: type[Any]) -> Any:
        self._process.say(message)
        return await self._process.answer(expected)
