"""The gateways of a run: whether load may go there, and what an Envoy counts over the load."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wedload.dependencies.envoy import Envoy, grown
from wedload.fleet.envoy_admin import EnvoyAdmin, EnvoyError
from wedload.fleet.reach import route_addresses
from wedload.safety.target_guard import guard_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.dependencies.envoy import Counts
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings


def _quiet(_: str) -> None:
    """Tell nobody."""


class Gateways:
    """Those of a run, if its plan has routes; without, nothing happens."""

    def __init__(self, notify: Callable[[str], None] = _quiet) -> None:
        self._notify = notify
        self._admins: dict[str, EnvoyAdmin] = {}  # route -> of its Envoy
        self._before: dict[str, Counts | str] = {}  # … -> what it had counted, or why not
        #: what each counted over the load
        self.envoys: dict[str, Envoy] = {}

    async def open(self, plan: Plan, settings: Settings) -> None:
        """Look up where routes lead; load may go there, or nothing begins.

        Raises:
            TargetError: nobody knows a name.
            UsageError: load must not go there.
        """
        if not plan.routes:
            return
        target = plan.targets[settings.target]
        found = await route_addresses(plan, target, guard_of(target, settings.permits))
        self._admins = {
            name: EnvoyAdmin(route.envoy, found[name, "envoy"][0])
            for name, route in plan.routes.items()
            if route.envoy is not None
        }
        for name, admin in self._admins.items():
            said = await self._read(admin)
            if isinstance(said, str):
                self._notify(f"warning, route {name}, Envoy at {admin.url}: {said}")

    async def begin(self) -> None:
        """The load begins: what is counted from now on is its own."""
        self._before = dict(zip(self._admins, await self._read_all(), strict=True))

    async def settle(self) -> None:
        """The load is over: what was counted in it."""
        for (name, admin), after in zip(self._admins.items(), await self._read_all(), strict=True):
            self.envoys[name] = _between(admin.url, self._before.get(name, {}), after)

    async def _read_all(self) -> list[Counts | str]:
        return list(await asyncio.gather(*map(self._read, self._admins.values())))

    async def _read(self, admin: EnvoyAdmin) -> Counts | str:
        try:
            return await admin.read()
        except EnvoyError as error:
            return str(error)


def _between(url: str, before: Counts | str, after: Counts | str) -> Envoy:
    for said, when in ((before, "before"), (after, "after")):
        if isinstance(said, str):
            return Envoy(url, problem=f"its counters are not known, {when} the load {said}")
    assert not isinstance(before, str)
    assert not isinstance(after, str)
    clusters, same = grown(before, after)
    why = "it was started anew during the load: what it counted before that is not known"
    return Envoy(url, clusters, None if same else why)
