"""A virtual user: one who signs in, runs workflows step by step, and pauses.

It knows how to run each kind of step. It does not know when it is to start or stop: see the
executor.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from wedload.metrics.recorder import HTTP_ROW, Row
from wedload.plan.expression import EVALUATION_ERRORS
from wedload.protocols.http import redirect
from wedload.protocols.http.cookies import CookieJar
from wedload.workload.flow import Call, CloseGroup, OpenGroup, Think, Use

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from wedload.engine.context import ScenarioContext
    from wedload.engine.scope import Scope
    from wedload.protocols.http.response import Response
    from wedload.workload.flow import CompiledIdentity, CompiledStep, Flow
    from wedload.workload.request import Request

_DURATION: Final = {
    metric: Row((metric,))
    for metric in (
        "iteration_duration", "workflow_duration", "group_duration", "iteration_lateness",
        "http_req_blocked", "http_req_looking_up", "http_req_connecting",
        "http_req_tls_handshaking",
    )
}  # fmt: skip


class EndIteration(Exception):  # noqa: N818 - it ends an iteration, it is not an error to show
    """The rest of the iteration makes no sense: a value is missing, or the plan says so."""


class _Session:
    """A virtual user signed in as somebody: header lines, cookies, and when it ends."""

    __slots__ = ("expires_at_ns", "identity", "jar", "lines", "valid")

    def __init__(self, identity: CompiledIdentity | None) -> None:
        self.identity = identity
        self.jar = CookieJar()
        self.lines: tuple[tuple[str, bytes], ...] = ()
        self.expires_at_ns: int | None = None
        self.valid = identity is None

    def header_lines(self, own_headers: frozenset[str]) -> tuple[bytes, ...]:
        """Its header lines, without those that a step gives itself."""
        return tuple(line for name, line in self.lines if name not in own_headers)

    def with_cookies(self, lines: tuple[bytes, ...], request: Request) -> tuple[bytes, ...]:
        """Header lines for a request, and its cookies if there are any."""
        if not len(self.jar):
            return lines
        cookie = self.jar.header(request.origin, _path(request))
        return (*lines, cookie) if cookie else lines


class _OpenGroup(NamedTuple):
    series: int
    began_ns: int
    think_ns: int  # thought in this iteration when it began


class VirtualUser:
    """One virtual user of a scenario; runs one step at a time."""

    def __init__(self, context: ScenarioContext, scope: Scope) -> None:
        self.context = context
        self.scope = scope
        self._shared = context.shared
        self._clock = context.shared.clock
        self._recorder = context.shared.recorder
        self._client = context.shared.new_client()
        self._sessions: dict[str | None, _Session] = {None: _Session(None)}
        self._groups: list[_OpenGroup] = []
        self._think_ns = 0  # thought so far in this iteration
        self._failed = False  # something in this iteration did
        self._buffers: dict[tuple[int, int, str], list[int]] = {}
        self._base: dict[str, Any] | None = None  # variables before anything has run
        self.iterations = 0

    # --- iterations -------------------------------------------------------------------------

    async def iterate(self, flow: Flow) -> None:
        """Run a workflow once and record how it went; an interrupted one is counted apart."""
        clock, recorder = self._clock, self._recorder
        self.scope.begin_iteration(self.iterations, self._first_variables())
        self.iterations += 1
        self._groups.clear()
        self._think_ns = 0
        self._failed = False
        began_ns = clock.now_ns()
        phase = self.context.phase_at(began_ns)
        completed = False
        try:
            await self.run(flow.steps)
            completed = True
        except EndIteration:
            pass  # recorded where it happened
        except asyncio.CancelledError:
            recorder.count(flow.series, "interrupted_iterations", phase)
            raise
        took_ns = clock.now_ns() - began_ns
        recorder.count(flow.series, "iterations", phase)
        recorder.count(flow.series, "workflows", phase, "failed" if self._failed else "ok")
        self.record("iteration_duration", flow.series, phase, took_ns)
        if completed:
            self.record("workflow_duration", flow.series, phase, took_ns - self._think_ns)

    async def run_once(self, steps: tuple[CompiledStep, ...]) -> bool:
        """Run set-up or tear-down steps; whether all of them succeeded."""
        self.scope.begin_iteration(0, self._first_variables())
        try:
            await self.run(steps)
        except EndIteration:
            return False
        return not self._failed

    async def run(self, steps: tuple[CompiledStep, ...]) -> None:
        """Run steps in order.

        Raises:
            EndIteration: the rest makes no sense.
        """
        for step in steps:
            await _RUNNERS[type(step)](self, step)

    def record(self, metric: str, series: int, phase: int, duration_ns: int) -> None:
        """Record one duration of a trend."""
        self._recorder.buffer(_DURATION[metric], series, phase, "").append(duration_ns)

    def close(self) -> None:
        """Close its connections at once."""
        self._client.close()

    def _first_variables(self) -> dict[str, Any]:
        """What an iteration starts with: the plan's variables, and what set-up captured."""
        base = self._base
        if base is None:
            self.scope.variables = base = self._base = {}
            for name, value in self._shared.plan_variables:
                try:
                    base[name] = value(self.scope)
                except EVALUATION_ERRORS as error:
                    # a step that reads it will say so too, and end its iteration
                    self._recorder.note(f"variable {name}: {_missing(error)}")
            base.update(self._shared.variables)
        return dict(base)

    # --- steps ------------------------------------------------------------------------------

    def _enter(self, step: Call | Think | Use) -> bool:
        """Bind the step's names; whether it is to run at all."""
        try:
            for name, value in step.let:
                self.scope.variables[name] = value(self.scope)
            return step.when is None or bool(step.when(self.scope))
        except EVALUATION_ERRORS as error:
            raise self._no_value(step.name, error) from None

    async def _think(self, step: Think) -> None:
        if self._enter(step):
            began_ns = self._clock.now_ns()
            await self._clock.sleep_until(began_ns + step.duration.draw_ns(self.scope.rng))
            self._think_ns += self._clock.now_ns() - began_ns

    async def _use(self, step: Use) -> None:
        if self._enter(step):
            for _ in range(step.repeat):
                await self.run(step.steps)

    async def _open_group(self, step: OpenGroup) -> None:
        self._groups.append(_OpenGroup(step.series, self._clock.now_ns(), self._think_ns))

    async def _close_group(self, _step: CloseGroup) -> None:
        group = self._groups.pop()
        thought_ns = self._think_ns - group.think_ns
        took_ns = self._clock.now_ns() - group.began_ns - thought_ns
        self.record("group_duration", group.series, self.context.phase_at(group.began_ns), took_ns)

    async def _call(self, call: Call) -> None:
        scope = self.scope
        if (call.let or call.when is not None) and not self._enter(call):
            return
        session = self._sessions.get(call.identity)
        if session is None or not session.valid or self._expired(session):
            session = await self._sign_in(call)
        try:
            request = call.request.render(scope)
        except EVALUATION_ERRORS as error:
            raise self._no_value(call.name, error) from None
        response = await self._exchange(call, request, session, scope)
        try:
            if call.captures:
                self._capture(call, response, scope)
        finally:  # what was created is to be deleted, even if some other capture found nothing
            if call.cleanup is not None and response.outcome == "ok":
                self._note_cleanup(call, session)
        if response.outcome != "ok":
            self._failed = True
            if call.ends_iteration:
                raise EndIteration

    async def _exchange(
        self, call: Call, request: Request, session: _Session, scope: Scope
    ) -> Response:
        """Send a request and follow its redirects; record each hop, then check the response."""
        lines = session.header_lines(call.own_headers)
        spent_ns = 0  # in hops before the last
        hops = 0
        while True:
            path = _path(request)
            response = await self._client.exchange(
                request,
                session.with_cookies(lines, request),
                call.timeout_ns,
                call.max_response_bytes,
            )
            phase = self.context.phase_at(response.started_ns)
            if response.raw_headers:
                _take_cookies(session.jar, request, path, response)
            following = self._judge(call, request, response, hops)
            self._record(call.series, phase, response)
            if following is None:
                break
            if following.origin != request.origin:
                lines = ()  # credentials do not go to another origin
            request = following
            hops += 1
            spent_ns += response.duration
        response.earlier_hops_ns = spent_ns
        response.cookies = session.jar.matching(request.origin, path) if len(session.jar) else {}
        scope.response = response
        for check in call.checks:
            self._check(check.series, check.holds, phase, scope)
        if response.status == 401:
            session.valid = session.identity is None  # the next step signs in again
        return response

    def _judge(self, call: Call, request: Request, response: Response, hops: int) -> Request | None:
        """Set the outcome by the status; the request that follows, if it is a redirect."""
        if response.outcome != "ok":
            return None
        if response.status in redirect.STATUS and call.redirects:
            try:
                following = redirect.next_request(
                    request, response.status, response.headers.get("location")
                )
                if hops < call.redirects:
                    return following
                problem = f"more than {call.redirects} redirects"
            except redirect.RedirectError as error:
                problem = str(error)
            response.outcome, response.problem = "redirect", problem
        elif response.status not in call.expected_status:
            response.outcome, response.problem = "status", f"status {response.status}"
        return None

    def _record(self, series: int, phase: int, response: Response) -> None:
        outcome = response.outcome
        if outcome != "ok":
            self._recorder.note(f"{self._shared.catalogue.series[series].step}: {response.problem}")
        connecting = response.connecting
        if connecting is not None:
            for metric, taken_ns in connecting.parts():
                self.record(metric, series, phase, taken_ns)
        if not response.sent_ns:  # never sent: counted, but there is nothing to time
            self._recorder.count(series, "http_reqs", phase, outcome)
            return
        key = (series, phase, outcome)
        buffer = self._buffers.get(key)
        if buffer is None:
            buffer = self._buffers[key] = self._recorder.buffer(HTTP_ROW, *key)
        started, sent, first = response.started_ns, response.sent_ns, response.first_byte_ns
        ended = response.ended_ns
        buffer.extend((
            ended - started, sent - started, first - sent, ended - first,
            response.sent_bytes, response.received_bytes,
        ))  # fmt: skip

    def _check(self, series: int, holds: Callable[[Any], Any], phase: int, scope: Scope) -> None:
        try:
            passed = bool(holds(scope))
        except EVALUATION_ERRORS:
            passed = False  # what it asks about is not there
        self._recorder.count(series, "checks", phase, "pass" if passed else "fail")

    def _capture(self, call: Call, response: Response, scope: Scope) -> None:
        for name, find in call.captures:
            try:
                value = find(scope)
            except EVALUATION_ERRORS:
                value = None
            if value is None:
                if response.outcome == "ok":
                    self._recorder.note(f"{call.name}: capture {name} found nothing")
                self._failed = True
                raise EndIteration
            scope.variables[name] = value

    def _note_cleanup(self, call: Call, session: _Session) -> None:
        assert call.cleanup is not None
        try:
            request = call.cleanup.render(self.scope)
        except EVALUATION_ERRORS as error:
            raise self._no_value(f"{call.name}: cleanup", error) from None
        self._shared.cleanup.add(
            request, lambda: session.with_cookies(session.header_lines(frozenset()), request)
        )

    def _no_value(self, where: str, error: BaseException) -> EndIteration:
        """A value that a step needs is not there: note it, and end the iteration."""
        self._recorder.note(f"{where}: {_missing(error)}")
        self._failed = True
        return EndIteration()

    # --- signing in -------------------------------------------------------------------------

    def _expired(self, session: _Session) -> bool:
        at_ns = session.expires_at_ns
        return at_ns is not None and self._clock.now_ns() >= at_ns

    async def _sign_in(self, call: Call) -> _Session:
        """Sign in as the identity of a step: a step of its own, before it."""
        assert call.identity is not None
        identity = self.context.identities[call.identity]
        session = self._sessions.get(call.identity)
        if session is None:
            session = self._sessions[call.identity] = _Session(identity)
        scope = self.scope.with_variables(self._first_variables())
        if identity.sign_in is not None:
            session.lines = ()
            try:
                request = identity.sign_in.request.render(scope)
            except EVALUATION_ERRORS as error:
                raise self._no_value(f"identity {identity.name}", error) from None
            response = await self._exchange(identity.sign_in, request, session, scope)
            if response.outcome != "ok":
                self._failed = True
                raise EndIteration
            self._capture(identity.sign_in, response, scope)
        try:
            session.lines = tuple(
                (name, line if isinstance(line, bytes) else line(scope))
                for name, line in identity.headers
            )
        except EVALUATION_ERRORS as error:
            raise self._no_value(f"identity {identity.name}", error) from None
        session.valid = True
        if identity.expires_ns is not None:
            session.expires_at_ns = self._clock.now_ns() + identity.expires_ns
        return session


def _missing(error: BaseException) -> str:
    return f"{error} has no value" if isinstance(error, KeyError) else str(error)


def _path(request: Request) -> str:
    return request.target.decode("latin-1").partition("?")[0]


def _take_cookies(jar: CookieJar, request: Request, path: str, response: Response) -> None:
    for name, value in response.raw_headers:
        if len(name) == 10 and name.lower() == b"set-cookie":
            jar.store(request.origin, path, value.decode("latin-1"))


#: how each kind of step is run
_RUNNERS: Final[dict[type, Callable[[VirtualUser, Any], Awaitable[None]]]] = {
    Call: VirtualUser._call,  # noqa: SLF001 - of this module
    Think: VirtualUser._think,  # noqa: SLF001
    Use: VirtualUser._use,  # noqa: SLF001
    OpenGroup: VirtualUser._open_group,  # noqa: SLF001
    CloseGroup: VirtualUser._close_group,  # noqa: SLF001
}
