"""The ears of a run as a process: started before the load processes, gone after them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wedload.clock import MonotonicClock
from wedload.errors import EarError, WorkerError
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
from wedload.fleet.messages import Recorded, Settle
from wedload.fleet.process import LoadProcess
from wedload.units import NS_PER_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.fleet.messages import Message, Progress
    from wedload.fleet.port import Watcher
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings

_NAME: Final = "the process that listens to the channels"
_ROUNDS: Final = 20  # in which clocks are compared


class EarsProcess:
    """The process of all channels, as the coordinator sees it."""

    def __init__(
        self, process: LoadProcess, watcher: Watcher, notify: Callable[[str], None]
    ) -> None:
        self._process = process
        self._watcher = watcher
        self._notify = notify
        self._settled: asyncio.Task[Settled | None] | None = None  # runs with the load
        self._waits = False  # for what is expected, after the load
        self.clock_bound_ns = 0  # how far its clock can be off that of load processes

    @staticmethod
    async def start(watcher: Watcher, notify: Callable[[str], None]) -> EarsProcess:
        """Start it; `notify` tells people how far it is.

        Raises:
            WorkerError: the machine does not let it.
        """
        process = await LoadProcess.start(_NAME, "wedload.fleet.ears_worker")
        return EarsProcess(process, watcher, notify)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def listen(
        self, plan: Plan, settings: Settings, link: str, index: int
    ) -> dict[str, dict[str, str]]:
        """Listen for webhooks and load processes; what `${channels.NAME.…}` is.

        Raises:
            EarError: nobody can listen there.
        """
        answer: Listening = await self._ask(Listen(plan, settings, link, index), Listening)
        self.clock_bound_ns = await self._compare_clocks()
        return answer.channels

    async def _compare_clocks(self) -> int:
        """How far its clock can be off ours, at most, ns.

        It was read between our question and the answer: if both clocks are one, as they are on one
        machine, so it reads; then half of the shortest round is the bound that can be shown.

        Raises:
            EarError: they are not.
        """
        clock, shortest_ns = MonotonicClock(), 0
        for _ in range(_ROUNDS):
            asked_ns = clock.now_ns()
            told: Clock = await self._ask(AskClock(), Clock)
            answered_ns = clock.now_ns()
            if not asked_ns <= told.now_ns <= answered_ns:
                raise EarError(
                    f"{_NAME} has another clock, {told.now_ns - answered_ns} ns off",
                    "this is a defect of wedload, or of the machine; please report it",
                )
            round_ns = answered_ns - asked_ns
            shortest_ns = min(shortest_ns or round_ns, round_ns)
        return shortest_ns // 2

    async def join(self, variables: dict[str, Any]) -> None:
        """Let all subscribers join, before the load.

        Raises:
            EarError: not all of them could.
        """
        done = await self._ask(Join(variables), Joined)
        if done.problems:
            raise EarError("\n".join(done.problems))

    def begin(self, lost: Callable[[], None]) -> None:
        """The load begins; `lost` is called if nobody hears any more what it causes."""
        self._process.say(Begin())
        self._settled = asyncio.create_task(self._settling(lost), name="the ears")

    async def settle(self, patience_s: float | None) -> dict[str, dict[str, Any]] | None:
        """Wait for what is expected, until the last deadline or for so long.

        Gives what stands in the result of each channel beside its metrics; None: it was lost.
        """
        assert self._settled is not None
        self._waits = True
        self._process.say(Settle(patience_s))
        done = await self._settled
        if done is None:
            return None
        bound_ms = self.clock_bound_ns / NS_PER_MS
        return {
            name: {**report, "clock_bound_ms": bound_ms} for name, report in done.reports.items()
        }

    def hurry(self, patience_s: float) -> None:
        """Wait so long at most for what is expected, if it is waited for."""
        if self._waits:
            self._process.say(Settle(patience_s))

    def kill(self) -> None:
        """End it this instant."""
        self._process.kill()

    async def stop(self) -> None:
        """End it: asked first."""
        if self._settled is not None:
            self._settled.cancel()
            await asyncio.gather(self._settled, return_exceptions=True)
        await self._process.stop()

    async def _settling(self, lost: Callable[[], None]) -> Settled | None:
        try:
            return await self._process.answer(Settled, self._progress, self._watcher.silent)
        except WorkerError as error:
            self._watcher.lost(error)
            lost()
            return None

    async def _ask(self, message: Message, expected: type[Any]) -> Any:
        self._process.say(message)
        try:
            return await self._process.answer(expected, self._progress)
        except WorkerError as error:
            raise EarError(error.message, error.hint) from None

    def _progress(self, said: Progress) -> None:
        match said:
            case Recorded():
                self._watcher.recorded(said.snapshot)
            case Joining():
                self._notify(f"subscribers are joining: {said.joined:,} of {said.of:,} have")
            case Settling():
                overdue = f"{said.absent:,} overdue" if said.absent else ""
                awaited = f"{said.open:,} expected" if said.open else ""
                what = " and ".join(filter(None, (awaited, overdue)))
                self._notify(f"listening for what is still to come: {what}")
