"""What all connections of a simulated third party share, and where its attempts are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import orjson

from wedload.simulators.counts import PROMETHEUS
from wedload.simulators.service import JSON, Reply

if TYPE_CHECKING:
    import asyncio

    from wedload.clock import Clock
    from wedload.plan.faults import Fault
    from wedload.simulators.attempt import Attempt, Told
    from wedload.simulators.connection import Connection
    from wedload.simulators.counts import Counts
    from wedload.simulators.course import Courses
    from wedload.simulators.faults.port import Flow, FlowSink, Injections
    from wedload.simulators.limits import Limits
    from wedload.simulators.log import AttemptLog
    from wedload.simulators.rendering import Refusal
    from wedload.simulators.request import Request

#: makes the flows of one connection: from the client, and to it; each is given where it leads to
MakeFlows = Callable[["FlowSink", "FlowSink"], tuple["Flow", "Flow"]]
#: where anybody may ask what has been counted; no attempts, and no fault of a request befalls them
COUNTS_PATH: Final = "/_simulator/counts"
METRICS_PATH: Final = "/metrics"


@dataclass(slots=True, kw_only=True)
class Hub:
    """One dependency."""

    name: str
    courses: Courses
    counts: Counts
    log: AttemptLog | None
    told: Told
    injections: Injections
    make_flows: MakeFlows
    limits: Limits
    clock: Clock
    loop: asyncio.AbstractEventLoop
    unsubscribe: Callable[[], None] = field(init=False)  # from the faults' changes
    connections: set[Connection] = field(default_factory=set)
    now_ns: Callable[[], int] = field(init=False)
    _active: tuple[Fault, ...] = ()
    _ended: list[tuple[int, Fault]] = field(default_factory=list)  # when each fault was over

    def __post_init__(self) -> None:
        self.now_ns = self.clock.now_ns
        self._active = self.injections.active
        self.unsubscribe = self.injections.subscribe(self._faults_changed)

    def in_force_since(self, at_ns: int) -> list[Fault]:
        """The faults in force now, or at any time since an instant. O(faults of the plan)."""
        return [*(fault for end_ns, fault in self._ended if end_ns >= at_ns), *self._active]

    def _faults_changed(self) -> None:
        now_ns, active = self.now_ns(), self.injections.active
        self._ended += [(now_ns, fault) for fault in self._active if fault not in active]
        self._active = active

    def join(self, connection: Connection) -> bool:
        """A connection has come; whether there is room for it."""
        if len(self.connections) >= self.limits.connections:
            return False
        self.connections.add(connection)
        return True

    def leave(self, connection: Connection) -> None:
        """A connection is gone."""
        self.connections.discard(connection)

    def oldest_ns(self) -> int | None:
        """When the oldest request came whose attempt is not over; None: there is none. O(all)."""
        found = (one.oldest_ns for one in self.connections)
        return min((at_ns for at_ns in found if at_ns is not None), default=None)

    def sweep(self) -> None:
        """End what is overdue."""
        now_ns = self.now_ns()
        for connection in [one for one in self.connections if 0 < one.overdue_ns <= now_ns]:
            connection.time_out()

    def refuse(self, refusal: Refusal) -> None:
        """Something came that is no request."""
        self.counts.refused[refusal.reason] += 1

    def tell(self, attempt: Attempt) -> None:
        """An attempt is over."""
        self.counts.add(attempt)
        if self.log is not None:
            self.log.add(attempt)
        self.told(attempt)

    def side_reply(self, request: Request) -> Reply | None:
        """The answer to who asks for the counts, if the API has no such path; None: it asks not."""
        if request.path not in (COUNTS_PATH, METRICS_PATH) or request.method != "GET":
            return None
        service = self.courses.service
        if service.call(request).known:
            return None
        if request.path == METRICS_PATH:
            return Reply(200, self.counts.exposition().encode(), (("Content-Type", PROMETHEUS),))
        content = {**self.counts.shown(), "kept": service.counts()}
        return Reply(200, orjson.dumps(content), (("Content-Type", JSON),))
