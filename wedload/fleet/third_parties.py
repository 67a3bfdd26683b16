"""The third parties of a run as a process: started before its target, gone after everything."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wedload.errors import PartyError, WorkerError
from wedload.fleet.messages import (
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
from wedload.fleet.process import LoadProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.fleet.messages import Message, Progress
    from wedload.fleet.port import Watcher
    from wedload.plan.model import Plan
    from wedload.plan.secrets.vault import Vault
    from wedload.workload.compile_plan import Settings

_NAME: Final = "the process that plays the third parties"


class ThirdPartiesProcess:
    """The process of all third parties and proxies, as the coordinator sees it."""

    def __init__(self, process: LoadProcess) -> None:
        self._process = process
        self._settled: asyncio.Task[PartiesSettled | None] | None = None  # runs with the load

    @staticmethod
    async def start() -> ThirdPartiesProcess:
        """Start it.

        Raises:
            WorkerError: the machine does not let it.
        """
        return ThirdPartiesProcess(
            await LoadProcess.start(_NAME, "wedload.fleet.third_parties_worker")
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def open(
        self,
        plan: Plan,
        *,
        seed: int,
        time_scale: float,
        env: Vault,
        addresses: frozenset[str] = frozenset(),
    ) -> PartiesOpened:
        """Play the third parties of a plan and open its proxies; where they are.

        `addresses`: those beyond this machine that proxies may connect to.

        Raises:
            PartyError: one of them cannot listen where it is to.
        """
        asked = OpenParties(plan, seed, time_scale, env, addresses)
        opened: PartiesOpened = await self._ask(asked, PartiesOpened)
        return opened

    async def observe(
        self, plan: Plan, settings: Settings, sandbox: str | None, index: int
    ) -> None:
        """Lead proxies to the sandbox, if there is one, and observe what comes.

        Raises:
            PartyError: the process cannot.
        """
        await self._ask(Observe(plan, settings, sandbox, index), Observing)

    async def begin(self, watcher: Watcher, lost: Callable[[], None]) -> None:
        """The load begins now, and faults with it; `lost` is called if nobody plays any more.

        Raises:
            PartyError: the process is lost already.
        """
        await self._ask(BeginParties(), PartiesBegun)
        self._settled = asyncio.create_task(self._settling(watcher, lost), name="third parties")

    def end_faults(self) -> None:
        """End all faults, and begin no more."""
        self._process.say(EndFaults())

    async def settle(self, patience_s: float) -> PartiesSettled | None:
        """The load is over: wait so long at most for operations that may go on.

        Gives what stands in the result of each beside its metrics; None: it was lost.
        """
        assert self._settled is not None
        self._process.say(Settle(patience_s))
        return await self._settled

    def kill(self) -> None:
        """End it this instant."""
        self._process.kill()

    async def stop(self) -> None:
        """End it: asked first."""
        if self._settled is not None:
            self._settled.cancel()
            await asyncio.gather(self._settled, return_exceptions=True)
        await self._process.stop()

    async def _settling(self, watcher: Watcher, lost: Callable[[], None]) -> PartiesSettled | None:
        def progress(said: Progress) -> None:
            if isinstance(said, Recorded):
                watcher.recorded(said.snapshot)

        try:
            return await self._process.answer(PartiesSettled, progress, watcher.silent)
        except WorkerError as error:
            watcher.lost(error)
            lost()
            return None

    async def _ask(self, message: Message, expected: type[Any]) -> Any:
        self._process.say(message)
        try:
            return await self._process.answer(expected)
        except WorkerError as error:
            raise PartyError(error.message, error.hint) from None
