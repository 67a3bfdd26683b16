"""Pairs: a request directly and via a gateway, one after the other, on connections that are warm.

Which goes first is drawn for each pair, so that neither way has what the other has warmed up: a
row that the first reads is in the database's cache for the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from wedload.engine.scope import EndIteration
from wedload.metrics.signed import ABOVE, BELOW
from wedload.protocols.http.response import Response
from wedload.workload.compiled import Paired

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext, Shared
    from wedload.engine.http import HttpSteps
    from wedload.engine.scope import Scope
    from wedload.engine.virtual_user import VirtualUser
    from wedload.workload.compiled import Call, Guarded

OVERHEAD: Final = "route_overhead"
PAIRS: Final = "route_pairs"


class PairDrivers:
    """Makes the drivers of pairs; their clients are those of the http steps."""

    def __init__(self, _shared: Shared) -> None:
        """What they share is the http steps' own."""

    async def open(self) -> None:
        """Nothing, as nothing is its own."""

    async def begin(self) -> None:
        """Nothing, likewise."""

    def driver(self, user: VirtualUser) -> PairSteps:
        """The pairs of one virtual user."""
        return PairSteps(user.http(), user.context)

    async def close(self) -> None:
        """Nothing, as nothing is its own."""


class PairSteps:
    """Runs the pairs of one virtual user, signed in as its http steps are."""

    def __init__(self, http: HttpSteps, context: ScenarioContext) -> None:
        self._http = http
        self._context = context
        #: name of a route -> who sends directly, and who via the gateway
        self._lanes: dict[str, tuple[HttpSteps, HttpSteps]] = {}

    def close(self) -> None:
        """Close the connections of both ways at once."""
        for lanes in self._lanes.values():
            for lane in lanes:
                lane.close()

    async def run(self, step: Guarded, scope: Scope) -> bool:
        """Send a request both ways, and record what they differ by; whether both succeeded.

        The first to be sent is the step's: what it captures is kept, and its answer is the last
        one that expressions see. The second has the same variables to begin with.

        Raises:
            EndIteration: what follows makes no sense.
        """
        assert isinstance(step, Paired)
        direct, via = self._lanes_of(step.route)
        ways = [(direct, step.direct), (via, step.via)]
        turned = scope.rng.random() < 0.5
        (first, call), (second, other) = reversed(ways) if turned else ways
        beside = scope.with_variables(dict(scope.variables))
        both = None
        try:
            succeeded = await self._send(first, call, scope)
            succeeded = await self._send(second, other, beside) and succeeded
            both = (scope.response, beside.response) if succeeded else None
        except EndIteration:
            self._count(step, self._context.shared.clock.now_ns(), "failed")
            raise
        if both is None:
            self._count(step, self._context.shared.clock.now_ns(), "failed")
            return False
        one, two = both
        assert isinstance(one, Response)
        assert isinstance(two, Response)
        self._record(step, one, two, turned=turned)
        return True

    def _lanes_of(self, route: str) -> tuple[HttpSteps, HttpSteps]:
        lanes = self._lanes.get(route)
        if lanes is None:
            lanes = self._lanes[route] = self._http.another(), self._http.another()
        return lanes

    async def _send(self, lane: HttpSteps, call: Call, scope: Scope) -> bool:
        """Send one of the two, which is due when the virtual user's next step is."""
        due = self._http.due
        lane.due.at_ns, lane.due.paced_ns = due.at_ns, 0
        try:
            return await lane.call(call, scope)
        finally:
            due.at_ns, due.paced_ns = lane.due.at_ns, due.paced_ns + lane.due.paced_ns

    def _record(self, step: Paired, one: Response, two: Response, *, turned: bool) -> None:
        if one.connecting is not None or two.connecting is not None:
            self._count(step, one.started_ns, "cold")
            return
        direct, via = (two, one) if turned else (one, two)
        longer_ns = via.duration - direct.duration
        phase = self._context.phase_at(one.started_ns)
        sign = BELOW if longer_ns < 0 else ABOVE
        recorder = self._context.shared.recorder
        recorder.trend(OVERHEAD + sign, step.series, phase).append(abs(longer_ns))
        recorder.count(step.series, PAIRS, phase, "measured")

    def _count(self, step: Paired, at_ns: int, outcome: str) -> None:
        phase = self._context.phase_at(at_ns)
        self._context.shared.recorder.count(step.series, PAIRS, phase, outcome)
