"""Sending a request, and what follows a response: another request, or nothing.

If nothing does, its status tells its outcome.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from wedload.engine.creating import nothing_more, perhaps_created
from wedload.engine.holding import hold_back, take_in
from wedload.engine.http_samples import record_cut_off, record_hop
from wedload.engine.scope import EndIteration
from wedload.metrics.outcome import ANSWERED
from wedload.protocols.http import redirect
from wedload.protocols.http.client import WireClient
from wedload.protocols.http.interrupted import Interrupted
from wedload.protocols.http.redirect import STATUS as REDIRECTS
from wedload.protocols.http.response import unopened

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.creating import Intent
    from wedload.engine.ending import Due
    from wedload.engine.identity import SignedIn
    from wedload.engine.port import HttpClient
    from wedload.engine.restraint import Restraint
    from wedload.protocols.http.response import Response
    from wedload.workload.compiled import Call
    from wedload.workload.request import Request

#: from here on a status says that nothing was done
_REFUSED: Final = 400


async def follow(
    context: ScenarioContext, client: HttpClient, call: Call, request: Request,
    session: SignedIn, lines: tuple[bytes, ...], due: Due,
    intent: Intent | None = None,
) -> Response:  # fmt: skip
    """Send a request and follow its redirects; the last response, those before are recorded.

    Each is held back as the virtual user was told to; its step is `due` so much later. `intent` is
    told the journal before anything is sent; so is, if it is interrupted, that it is over.

    Raises:
        JournalError: the journal cannot be told.
    """
    # mostly it is this one, and compiled code calls what it knows without a coroutine in between
    wire = client if type(client) is WireClient else None
    spent_ns = first_ns = 0  # in hops before the last; when the first of several was sent
    hops = 0  # redirects, whose requests may have created something
    restraint = session.restraint
    plain = lines
    lines = context.shared.tracer.lines(context, call, request, plain)
    traced = lines is not plain  # with all that it is redirected to
    while True:
        restrained = restraint.active
        turn: _Turn | None = None
        if restrained:
            turn = await _hold_back(context, call, request, restraint, due, intent, hops)
        if intent is not None and turn is None:
            intent.tell(context)
        headers = session.with_cookies(lines, request)
        most_ns, most_bytes, keep = call.timeout_ns, call.max_response_bytes, call.keep_body
        sent: asyncio.Future[Response] | None = None
        try:
            if wire is not None and turn is None:
                sent = wire.begin(request, headers, most_ns, most_bytes, keep)
            if sent is not None:
                response = await sent
            else:
                response = await client.exchange(
                    request, headers, most_ns, most_bytes, keep, None if turn is None else turn.take
                )
        except OSError as error:
            response = unopened(error, context.shared.clock.now_ns())
        except Interrupted as cut:
            _note_cut_off(context, call, cut, intent, hops)
            raise
        except asyncio.CancelledError:
            if wire is None or sent is None:
                nothing_more(context, call, intent, hops)
                raise
            given_up = wire.give_up(request, headers, most_ns)
            _note_cut_off(context, call, given_up, intent, hops)
            raise given_up from None
        session.take_cookies(request, response)
        if response.status >= 400 or restrained or traced:
            _take(context, call, request, response, restraint, restrained, traced)
        following = next_request(call, request, response, hops, session)
        if following is None:
            response.first_sent_ns = first_ns or response.started_ns
            return _last(context, call, response, spent_ns, intent, hops)
        record_hop(context, call.name, call.series, response)
        # credentials do not go to another origin
        lines = lines if following.origin == request.origin else ()
        hops += following is not request  # which answers a challenge
        request = following
        spent_ns += response.duration
        first_ns = first_ns or response.started_ns


def _take(
    context: ScenarioContext, call: Call, request: Request, response: Response,
    restraint: Restraint, restrained: bool, traced: bool,
) -> None:  # fmt: skip
    """Take in what a response says beside its answer: to hold back, and how long what took."""
    if traced:
        context.shared.tracer.take(context, call, response)
    if response.status >= 400 or restrained:
        take_in(
            context, call.series, request.origin, response, restraint, "http_limited",
            obeys=call.obeys_limits,
        )  # fmt: skip


class _Turn:
    """The turn of a request under a highest rate; the journal is told when it has come."""

    __slots__ = ("_call", "_context", "_due", "_hops", "_intent", "_request", "_restraint")

    def __init__(
        self, context: ScenarioContext, call: Call, request: Request, restraint: Restraint,
        due: Due, intent: Intent | None, hops: int,
    ) -> None:  # fmt: skip
        self._context, self._call, self._request = context, call, request
        self._restraint, self._due, self._intent, self._hops = restraint, due, intent, hops

    async def take(self) -> None:
        """Return when it may be sent; if that never comes, nothing more is created."""
        try:
            await hold_back(
                self._context, self._call.series, self._request.origin, self._restraint, self._due,
                obeys=self._call.obeys_limits,
            )  # fmt: skip
        except EndIteration:  # a cancellation comes to whoever sends
            nothing_more(self._context, self._call, self._intent, self._hops)
            raise
        if self._intent is not None:
            self._intent.tell(self._context)


async def _hold_back(
    context: ScenarioContext, call: Call, request: Request, restraint: Restraint, due: Due,
    intent: Intent | None, hops: int,
) -> _Turn | None:  # fmt: skip
    """Return when the request may be sent, but for the turn that it takes under a highest rate.

    That is taken once it can be written: connecting may take any time.
    """
    paced = restraint.pace is not None
    try:
        await hold_back(
            context, call.series, request.origin, restraint, due,
            obeys=call.obeys_limits, sends=not paced,
        )  # fmt: skip
    except (asyncio.CancelledError, EndIteration):
        nothing_more(context, call, intent, hops)
        raise
    return _Turn(context, call, request, restraint, due, intent, hops) if paced else None


def _last(
    context: ScenarioContext, call: Call, response: Response, spent_ns: int,
    intent: Intent | None, hops: int,
) -> Response:  # fmt: skip
    """The response that nothing follows; the hops before it took so long."""
    response.earlier_hops_ns = spent_ns
    if call.cleanup is not None and response.outcome != "ok":
        if response.outcome not in ANSWERED:
            perhaps_created(context, intent, response.sent_bytes + hops)
        elif response.status < _REFUSED:  # done, if not as it was expected
            perhaps_created(context, intent, 1)
        else:
            perhaps_created(context, intent, hops)
    return response


def _note_cut_off(
    context: ScenarioContext, call: Call, cut: Interrupted, intent: Intent | None, hops: int
) -> None:
    record_cut_off(context, call.series, cut)
    nothing_more(context, call, intent, cut.sent_bytes + hops)


def next_request(
    call: Call, request: Request, response: Response, hops: int, session: SignedIn
) -> Request | None:
    """Set the outcome by the status; the request that follows, if one does.

    That is another one after a redirect, and the same one after a challenge.
    """
    if response.outcome != "ok":
        return None
    if response.status in REDIRECTS and call.redirects:
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
    elif response.status == 401 and session.answers(request, response):
        return request
    elif response.status not in call.expected_status:
        response.outcome, response.problem = "status", f"status {response.status}"
    return None
