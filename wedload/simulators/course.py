"""What becomes of a request: decided when its last byte is there, by plan, seed and faults. Pure.

The order: a fault that is down, a fault with a status, quotas, the share of errors, the service.
What a service carries out it carries out now; only its answer takes its time. A request belongs to
the faults in force when it arrives.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from wedload.simulators.operation import Operations
from wedload.simulators.quota import Quotas
from wedload.simulators.service import told_to_wait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.plan.faults import Fault
    from wedload.plan.third_parties import Dependency
    from wedload.simulators.attempt import AttemptOutcome
    from wedload.simulators.faults.port import Injections
    from wedload.simulators.quota import Allowance
    from wedload.simulators.request import Request
    from wedload.simulators.service import Call, Reply, Service

#: `reply`: it is answered; `down`: the connection is reset; `empty`: it is closed; `chunk`: the
#: answer ends within a chunk that is none; `random`: what comes is no HTTP
Ending = Literal["reply", "down", "empty", "chunk", "random"]

_MOST_NOISE: Final = 1_024  # bytes


@dataclass(frozen=True, slots=True)
class Course:
    """What will become of one request."""

    endpoint: str
    operation: str
    arrived_ns: int
    ready_ns: int  # when its answer is due
    drawn_ns: int
    reply: Reply | None  # None: it is down
    ending: Ending = "reply"
    noise: bytes = b""  # of `random`
    faults: tuple[str, ...] = ()  # that it suffers as a whole
    reads: bool = False  # it asks for nothing to be changed

    @property
    def outcome(self) -> AttemptOutcome:
        """What it is, if no byte of it is lost."""
        if self.ending in ("chunk", "random"):
            return "malformed"
        if self.ending == "down" or self.reply is None:
            return "down"
        return "empty" if self.ending == "empty" else self.reply.outcome

    @property
    def status(self) -> int:
        """What the client is told, if no byte of it is lost; 0: nothing that it can read."""
        return self.reply.status if self.reply and self.ending in ("reply", "chunk") else 0


class Courses:
    """Decides for one dependency."""

    def __init__(
        self,
        name: str,
        dependency: Dependency,
        service: Service,
        *,
        seed: int,
        env: Mapping[str, str],
        injections: Injections,
    ) -> None:
        """Latencies, ids and faults have generators of their own: one does not shift the others."""
        self.service = service
        self._dependency = dependency
        self._injections = injections
        self._operations = Operations(dependency.operation, env)
        self.quotas = Quotas(dependency.quota, dependency.user_quota)
        self._draws = random.Random(f"{seed}/{name}")  # noqa: S311 - repeatable on purpose
        self._ids = random.Random(f"{seed}/{name}/ids")  # noqa: S311 - as above
        self._toxicity = random.Random(f"{seed}/{name}/faults")  # noqa: S311 - as above

    def of(self, request: Request) -> Course:
        """Decide."""
        call = self.service.call(request)
        active = self._injections.active
        hit = [fault for fault in active if _of_requests(fault) and self._hits(fault)]
        now_ns = request.arrived_ns
        # of every request, whatever becomes of it: what one suffers is not to shift the next one's
        drawn_ns, error = self._draw(call), self._error()
        down = next((fault for fault in hit if fault.down), None)
        if down is not None:
            course = self._course(call, now_ns, 0, None)
            return replace(course, ending="down", faults=(down.name,))
        names: list[str] = []
        failing = next((fault for fault in hit if fault.status is not None), None)
        if failing is not None:
            names.append(failing.name)
            course = self._course(call, now_ns, drawn_ns, self._fault_reply(failing))
        else:
            course = self._served(call, now_ns, drawn_ns, error)
        return self._broken(course, hit, names)

    def unserved(self, request: Request) -> Course:
        """That of a request whose client was gone before it was its turn."""
        return self._course(self.service.call(request), request.arrived_ns, 0, None)

    # --- inside -----------------------------------------------------------------------------

    def _course(self, call: Call, now_ns: int, drawn_ns: int, reply: Reply | None) -> Course:
        key = self._operations.key_of(call)
        ready_ns = now_ns + drawn_ns
        return Course(call.endpoint, key, now_ns, ready_ns, drawn_ns, reply, reads=call.reads)

    def _served(self, call: Call, now_ns: int, drawn_ns: int, reply: Reply | None) -> Course:
        """That of one which no fault takes over; `reply`: that of the share of errors."""
        standing = self.quotas.admit(call.user, now_ns)
        if standing is not None and not standing.allowed:
            return self._course(call, now_ns, 0, self._refusal(standing, now_ns))
        if reply is None:
            reply = self.service.answer(call, now_ns, now_ns + drawn_ns, self._ids)
        if standing is not None:
            reply = reply.with_headers(*self.service.quota_headers(standing, now_ns))
        return self._course(call, now_ns, drawn_ns, reply)

    def _refusal(self, standing: Allowance, now_ns: int) -> Reply:
        service, dependency = self.service, self._dependency
        status = dependency.quota_status or service.quota_status
        reply = service.over_quota(standing.scope, status)
        reply = reply.with_headers(*service.quota_headers(standing, now_ns))
        tells = dependency.retry_after
        if service.tells_retry_after if tells is None else tells:
            return told_to_wait(reply, standing.next_ns - now_ns)
        return reply

    def _error(self) -> Reply | None:
        """The answer of one of the share that fails; None: it does not."""
        errors = self._dependency.errors
        if not errors:
            return None
        drawn = self._draws.random()
        for error in errors:
            if drawn < error.ratio:
                reply = self.service.failed(error.status)
                wait_ns = error.retry_after
                return reply if wait_ns is None else told_to_wait(reply, wait_ns)
            drawn -= error.ratio
        return None

    def _fault_reply(self, fault: Fault) -> Reply:
        assert fault.status is not None
        reply = replace(self.service.failed(fault.status), outcome="status")
        return reply if fault.retry_after is None else told_to_wait(reply, fault.retry_after)

    def _broken(self, course: Course, hit: list[Fault], names: list[str]) -> Course:
        """The same, if a fault lets no answer through that can be read."""
        ending: Ending = "reply"
        for fault in hit:
            if fault.empty or fault.malformed is not None:
                ending = "empty" if fault.empty else fault.malformed or ending
                if fault.name not in names:
                    names.append(fault.name)
                break
        noise = b""
        if ending == "random":
            noise = self._toxicity.randbytes(self._toxicity.randint(1, _MOST_NOISE))
        return replace(course, ending=ending, faults=tuple(names), noise=noise)

    def _draw(self, call: Call) -> int:
        latency = self._dependency.latency if call.latency is None else call.latency
        return 0 if latency is None else latency.draw_ns(self._draws)

    def _hits(self, fault: Fault) -> bool:
        return fault.toxicity >= 1 or self._toxicity.random() < fault.toxicity


def _of_requests(fault: Fault) -> bool:
    """Whether it is about whole requests, beside what it does to bytes."""
    return bool(fault.down or fault.status is not None or fault.empty or fault.malformed)
