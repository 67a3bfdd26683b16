"""Batches: requests of one virtual user at the same time, on lanes beside its own connections."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from wedload.engine.scope import EndIteration
from wedload.protocols.http.lanes import Lanes
from wedload.workload.compiled import Batch

if TYPE_CHECKING:
    from wedload.engine.context import Shared
    from wedload.engine.http import HttpSteps
    from wedload.engine.scope import Scope
    from wedload.engine.virtual_user import VirtualUser
    from wedload.workload.compiled import Call, Guarded
    from wedload.workload.request import Origin


class BatchDrivers:
    """Makes the drivers of batches; their clients are those of the http steps."""

    def __init__(self, _shared: Shared) -> None:
        """What they share is the http steps' own."""

    async def open(self) -> None:
        """Nothing, as nothing is its own."""

    async def begin(self) -> None:
        """Nothing, likewise."""

    def driver(self, user: VirtualUser) -> BatchSteps:
        """The batches of one virtual user."""
        return BatchSteps(user.http())

    async def close(self) -> None:
        """Nothing, as nothing is its own."""


class BatchSteps:
    """Runs the batches of one virtual user, signed in as its http steps are."""

    def __init__(self, http: HttpSteps) -> None:
        self._http = http
        self._lanes: dict[Origin | None, Lanes[HttpSteps]] = {}  # None: known when it is sent

    def close(self) -> None:
        """Close the lanes' connections at once."""
        for lanes in self._lanes.values():
            lanes.close()

    async def run(self, step: Guarded, scope: Scope) -> bool:
        """Send the requests of a batch; whether all succeeded.

        Raises:
            EndIteration: when all have ended, if one of them made no sense.
        """
        assert isinstance(step, Batch)
        for call in step.calls:  # nobody signs in twice
            await self._http.signed_in(call.identity, scope)
        # of all of them, also of those that wait for a connection
        due_ns, paced_ns = self._http.due.at_ns, self._http.due.paced_ns
        ended = await asyncio.gather(
            *(self._in_lane(call, scope, due_ns, paced_ns) for call in step.calls),
            return_exceptions=True,
        )
        failures = [end for end in ended if isinstance(end, BaseException)]
        # a defect outranks what a plan can cause
        failures.sort(key=lambda failure: isinstance(failure, EndIteration))
        if failures:
            raise failures[0]
        return all(ended)

    async def _in_lane(self, call: Call, scope: Scope, due_ns: int, paced_ns: int) -> bool:
        lanes = self._lanes.get(call.request.origin)
        if lanes is None:
            lanes = Lanes(self._http.another, self._http.most_at_once)
            self._lanes[call.request.origin] = lanes
        http = await lanes.take()
        http.due.at_ns, http.due.paced_ns = due_ns, 0
        try:
            return await http.call(call, scope)
        finally:
            if http.due.at_ns >= self._http.due.at_ns:  # it is the last so far
                self._http.due.at_ns, self._http.due.paced_ns = (
                    http.due.at_ns, paced_ns + http.due.paced_ns,
                )  # fmt: skip
            lanes.give_back(http)
