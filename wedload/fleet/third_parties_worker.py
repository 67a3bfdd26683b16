"""The process of a run's third parties: `python -m wedload.fleet.third_parties_worker FD`.

Apart from the load, which it must not disturb, and from the target, which must not disturb it: what
a third party takes is to be what the plan says. It follows the faults' timeline by itself.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import uvloop

from wedload.dependencies.observation import Observation
from wedload.engine.health import raise_descriptor_limit
from wedload.fleet.collecting import collect_seldom
from wedload.fleet.messages import (
    Message,
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
from wedload.fleet.side_process import SideProcess, serve
from wedload.fleet.telling import learn
from wedload.safety.addresses import leads_here
from wedload.simulators.world import World
from wedload.units import NS_PER_S
from wedload.workload.compile_plan import compile_workload

if TYPE_CHECKING:
    from wedload.simulators.attempt import Attempt


class _ThirdParties(SideProcess):
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self._world: World | None = None
        self._observation: Observation | None = None

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

    async def _close(self) -> None:
        if self._world is not None:
            await self._world.close()

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
            env=message.env.plain,
            warn=self._recorder.note,
            allowed=lambda address: leads_here(address) or address in message.addresses,
        )
        places = await self._world.open()
        return PartiesOpened(places.dependencies, places.proxies)

    def _told(self, attempt: Attempt) -> None:
        if self._observation is not None:  # what comes before that is no part of the run
            self._observation(attempt)

    async def _observe(self, message: Observe) -> Observing:
        learn(message.plan, message.settings)
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
        collect_seldom()
        return Observing()

    def _begin(self) -> None:
        began_ns = self._clock.now_ns()
        self._observing().begin(began_ns)
        self._opened().begin()
        self._watch(began_ns)

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
        self._load_over(now_ns)
        until_ns = now_ns + round((patience_s or 0.0) * NS_PER_S)
        while (now_ns := self._clock.now_ns()) < until_ns and (
            world.oldest_ns() is not None or observation.awaited(now_ns)
        ):
            await asyncio.sleep(0.05)
        observation.finish()
        await self._last_flush()
        reports = world.reports()
        seen = observation.reports()
        return PartiesSettled(
            {name: {**seen[name], **report} for name, report in reports.dependencies.items()},
            reports.proxies,
        )

    def _before_flush(self) -> None:
        """See which operations are over: no attempt that came earlier is still under way."""
        now_ns, oldest_ns = self._clock.now_ns(), self._opened().oldest_ns()
        self._observing().sweep(now_ns if oldest_ns is None else min(oldest_ns, now_ns))


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), _ThirdParties))
