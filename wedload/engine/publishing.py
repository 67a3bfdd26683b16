"""Publishers: by which a load process says things on realtime channels."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from wedload.channels.scope import ChannelScope
from wedload.safety.target_guard import guard_of
from wedload.workload.compile_plan import run_headers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wedload.channels.realtime.publisher import Publisher
    from wedload.clock import Clock
    from wedload.engine.context import Shared
    from wedload.plan.channels import Channel
    from wedload.plan.model import Target
    from wedload.safety.target_guard import TargetGuard

#: imported for plans that publish
_PUBLISHER: Final = "wedload.channels.realtime.publisher"


@dataclass(frozen=True, slots=True)
class _Context:
    """Implements `wedload.channels.realtime.publisher.PublisherContext`."""

    name: str
    channel: Channel
    scope: ChannelScope
    clock: Clock
    base_url: str
    target: Target
    seed: int
    run_headers: Mapping[str, str]
    guard: TargetGuard


class Publishers:
    """The publishers of one load process: one for each channel that its plan publishes to."""

    def __init__(self, shared: Shared, channels: Iterable[str]) -> None:
        self._shared = shared
        self._channels = tuple(channels)
        self._publishers: dict[str, Publisher] = {}

    async def open(self) -> None:
        """Connect and join, with what set-up captured.

        Raises:
            EarError: one cannot.
        """
        kind: Any = import_module(_PUBLISHER).Publisher if self._channels else None
        for name in self._channels:
            self._publishers[name] = kind(self._context(name))
        await asyncio.gather(*map(self._open, self._publishers.values()))

    async def _open(self, publisher: Publisher) -> None:
        """Connect one, by a handshake that takes its turn under the target's highest rate."""
        if self._shared.pace is not None:
            await self._shared.pace.turn()
        await publisher.open()

    def of(self, channel: str) -> Publisher:
        """The publisher to a channel."""
        return self._publishers[channel]

    async def close(self) -> None:
        """End every connection."""
        await asyncio.gather(*(one.close() for one in self._publishers.values()))

    def _context(self, name: str) -> _Context:
        shared = self._shared
        plan, settings = shared.plan, shared.settings
        scope = ChannelScope(
            settings.env.plain, addresses=settings.addresses, secrets=settings.secrets.plain
        )
        scope.know(shared.plan_variables, shared.variables)
        return _Context(
            name=name,
            channel=plan.channels[name],
            scope=scope,
            clock=shared.clock,
            base_url=settings.base_url,
            target=plan.targets[settings.target],
            seed=settings.seed,
            run_headers=run_headers(plan, settings),
            guard=guard_of(plan.targets[settings.target], settings.permits),
        )
