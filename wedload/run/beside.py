"""What lives beside the load of a run: channels, third parties and spans, in own processes.

And the sampler of resources, and what sends figures on, which are tasks of this one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AsyncExitStack

    from wedload.plan.model import Plan
    from wedload.run.gateways import Gateways
    from wedload.run.listening import Channels
    from wedload.run.logbook import Logbook
    from wedload.run.monitoring import Monitoring
    from wedload.run.resources import Resources
    from wedload.run.third_parties import ThirdParties
    from wedload.run.tracing import Tracing
    from wedload.workload.compile_plan import Settings


@dataclass(slots=True)
class Beside:
    """All of a run; each does nothing where the plan has none of it."""

    channels: Channels
    parties: ThirdParties
    resources: Resources
    tracing: Tracing
    gateways: Gateways
    monitoring: Monitoring
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(
        self,
        stack: AsyncExitStack,
        plan: Plan,
        settings: Settings,
        workers: int,
        sandbox_url: str | None,
    ) -> Settings:
        """Listen, and observe; the settings with what load processes need to know of it.

        Their processes are numbered behind the `workers`, as `RunView` expects it.

        Raises:
            EarError, PartyError: it cannot be done.
            TargetError, UsageError: nobody knows where a route leads, or load must not go there.
            WorkerError: a process was not started.
        """
        settings = await self.channels.listen(stack, plan, settings, workers)
        await self.parties.observe(settings, sandbox_url, workers + bool(plan.channels))
        await self.gateways.open(plan, settings)
        await self.monitoring.open(stack)
        return settings

    async def begin(self, stack: AsyncExitStack, log: Logbook, lost: Callable[[], None]) -> None:
        """The load begins; `lost` is to end it, if one of them is gone.

        Raises:
            TargetError: the sandbox does not let us make faults in it.
        """
        await self.gateways.begin()
        await self.resources.open(stack, log)
        await self.parties.begin(log, lost)
        self.channels.begin(lost)
        self.resources.begin()
        self.tracing.begin(log)
        self.monitoring.begin(log)

    async def settle(self, *, aborted: bool) -> None:
        """The load is over: wait until what it has caused is known, or overdue."""
        await asyncio.gather(self.resources.end(), self._settle(aborted=aborted))
        await self.monitoring.settle()  # with all of that

    async def _settle(self, *, aborted: bool) -> None:
        await self.gateways.settle()
        await self.parties.end_faults()
        # both are told now: what comes from here on is not of the load any more
        await asyncio.gather(
            self.channels.settle(aborted=aborted), self.parties.settle(aborted=aborted)
        )
        await self.tracing.settle(aborted=aborted)  # of what these have waited for, too

    def end_faults(self) -> None:
        """The load is being ended: what still goes on is to find all well."""
        task = asyncio.create_task(self.parties.end_faults(), name="ending faults")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def hurry(self) -> None:
        """Somebody wants to stop."""
        self.channels.hurry()
        self.tracing.hurry()
        self.monitoring.hurry()

    def kill(self) -> None:
        """End them this instant."""
        self.channels.kill()
        self.parties.kill()
        self.tracing.kill()
