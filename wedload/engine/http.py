"""The http steps of one virtual user: sent, followed, checked, captured, and sent again.

It knows requests and responses and what is recorded of them, not workflows or when they run.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from wedload.engine.creating import Intent, delete_later, nothing_more
from wedload.engine.ending import Due, capture_all, capture_and_expect
from wedload.engine.following import follow
from wedload.engine.holding import asks_to_wait, hold_back
from wedload.engine.http_exchange import answering, end_call
from wedload.engine.http_samples import record_hop
from wedload.engine.identity import SignedIn
from wedload.engine.restraint import Restraint
from wedload.engine.scope import EndIteration, no_value
from wedload.engine.signing_in import sign_in
from wedload.errors import JournalError
from wedload.plan.expressions.expression import EVALUATION_ERRORS
from wedload.protocols.http.retry_after import retry_after_ns
from wedload.workload.compiled import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from wedload.engine.context import ScenarioContext, Shared
    from wedload.engine.digest import Challenges
    from wedload.engine.port import HttpClient
    from wedload.engine.scope import Scope
    from wedload.engine.virtual_user import VirtualUser
    from wedload.plan.retry import Retry
    from wedload.protocols.http.response import Response
    from wedload.workload.compiled import Guarded
    from wedload.workload.request import Request


class HttpDrivers:
    """What the http steps of one load process share: its clients. See `wedload.engine.port`."""

    def __init__(self, shared: Shared) -> None:
        self._clients = shared.http

    async def open(self) -> None:
        """Nothing: connections are made when a virtual user first needs them."""

    async def begin(self) -> None:
        """Nothing, likewise."""

    def driver(self, user: VirtualUser) -> HttpSteps:
        """The http steps of one virtual user."""
        return HttpSteps(user.context, user.first_variables, user.due, self._clients.client())

    async def close(self) -> None:
        """Close every connection."""
        await self._clients.close()


class HttpSteps:
    """Runs the http steps of one virtual user, on connections and cookies of its own."""

    def __init__(
        self,
        context: ScenarioContext,
        first_variables: Callable[[], dict[str, Any]],
        due: Due,
        client: HttpClient,
    ) -> None:
        self._context = context
        self._clock = context.shared.clock
        self._now_ns = context.shared.clock.now_ns
        self._journal = context.shared.journal
        self._intent = Intent()  # of the step under way
        self._recorder = context.shared.recorder
        self._client = client
        self._first_variables = first_variables  # what signing in may read
        self.due = due
        self._challenges: Challenges = {}
        self.restraint = Restraint(context.shared.pace)
        self._homes = context.shared.homes
        nobody = SignedIn(None, self.restraint, self._homes)
        self._sessions: dict[str | None, SignedIn] = {None: nobody}

    def close(self) -> None:
        """Close its connections at once."""
        self._client.close()

    async def run(self, step: Guarded, scope: Scope) -> bool:
        """Run an http step; whether it succeeded.

        Raises:
            EndIteration: what follows makes no sense.
        """
        assert isinstance(step, Call)
        return await self.call(step, scope)

    async def signed_in(self, identity: str | None, scope: Scope) -> SignedIn:
        """The session of an identity, signing in if need be; None is nobody in particular.

        Raises:
            EndIteration: it did not succeed.
        """
        session = self._sessions.get(identity)
        if session is None or not session.stands(self._now_ns):
            session = await self._sign_in(identity, scope)
        return session

    def is_to_be(self, identity: str, session: SignedIn) -> None:
        """Let an identity be signed in as this session, which others know already."""
        self._sessions[identity] = session

    @property
    def most_at_once(self) -> int:
        """How many requests to one origin may be under way at the same time."""
        return self._client.most_at_once

    def another(self) -> HttpSteps:
        """The same virtual user, with a client that can send at the same time."""
        client = self._client.another()
        other = HttpSteps(self._context, self._first_variables, Due(), client)
        # whom it is signed in as is known to both, and what it was told
        other._sessions, other._challenges = self._sessions, self._challenges
        other.restraint = self.restraint
        return other

    async def call(self, call: Call, scope: Scope) -> bool:
        """Send a step's request, signing in before it if need be; whether it succeeded.

        Raises:
            EndIteration: what follows makes no sense.
            JournalError: it is not sent, as what it creates could not be kept.
        """
        if self.restraint.active and call.request.origin is not None:
            # before anything of the request is made, whose token may have an end
            await hold_back(
                self._context, call.series, call.request.origin, self.restraint, self.due,
                obeys=call.obeys_limits, sends=False,
            )  # fmt: skip
        session = self._sessions.get(call.identity)
        if session is None or not session.stands(self._now_ns):
            session = await self._sign_in(call.identity, scope)
        try:
            request = call.request.render(scope)
        except EVALUATION_ERRORS as error:
            raise no_value(self._recorder, call.name, error) from None
        asking = session
        if call.digest is not None:
            asking = answering(
                self._context, call.digest, request, session, scope, self._challenges
            )
        lines = asking.header_lines(call.own_headers)
        intent = self._intent_of(call)
        response = await follow(
            self._context, self._client, call, request, asking, lines, self.due, intent
        )
        since_ns = response.first_sent_ns if call.expects and response.sent_ns else 0
        if call.retry is not None:
            response = await self._retry(call, call.retry, request, asking, scope, response, intent)
        end_call(self._context, self.due, call, response, asking, scope)
        succeeded = response.outcome == "ok"
        try:
            if call.expects:
                if response.sent_ns:  # since the first attempt: that one may have caused it
                    since_ns = since_ns or response.first_sent_ns
                capture_and_expect(self._context, call, scope, since_ns, succeeded=succeeded)
            elif call.captures:
                capture_all(self._context, call, scope, succeeded=succeeded)
        finally:  # what was created is to be deleted, even if some other capture found nothing
            if call.cleanup is not None and succeeded:
                delete_later(self._context, call, request.origin, session, scope, intent)
            elif intent is not None:
                self._context.shared.over(intent.number)
        if not succeeded and call.ends_iteration:
            raise EndIteration
        return succeeded

    async def send(self, call: Call, scope: Scope) -> Response:
        """Send a request that another step sends on its way, and record it as that one's.

        Raises:
            EndIteration: signing in did not succeed, or a value is missing.
        """
        session = await self.signed_in(call.identity, scope)
        try:
            request = call.request.render(scope)
        except EVALUATION_ERRORS as error:
            raise no_value(self._recorder, call.name, error) from None
        asking = session
        if call.digest is not None:
            asking = answering(
                self._context, call.digest, request, session, scope, self._challenges
            )
        lines = asking.header_lines(call.own_headers)
        response = await follow(self._context, self._client, call, request, asking, lines, self.due)
        self._record_hop(call, response, session)
        return response

    async def clean_up_later(self, call: Call, scope: Scope) -> None:
        """Take down the clean-up of a call, which itself is not sent.

        Raises:
            EndIteration: signing in did not succeed, or a value is missing.
            JournalError: it cannot be kept.
        """
        session = await self.signed_in(call.identity, scope)
        try:
            origin = call.request.render(scope).origin
        except EVALUATION_ERRORS as error:
            raise no_value(self._recorder, call.name, error) from None
        intent = self._intent_of(call)
        try:
            if intent is not None:
                intent.tell(self._context)
        except JournalError:
            intent = None  # it is there already, and deleted at the end if this lives to see it
        delete_later(self._context, call, origin, session, scope, intent)

    def _intent_of(self, call: Call) -> Intent | None:
        """That a step is about to create something, if there is a journal to be told of it."""
        if call.cleanup is None or self._journal is None:
            return None
        self._intent.number = 0
        return self._intent

    async def _retry(
        self,
        call: Call,
        policy: Retry,
        request: Request,
        session: SignedIn,
        scope: Scope,
        response: Response,
        intent: Intent | None,
    ) -> Response:
        """Send a request again until it fares well or the step's policy says that it is enough.

        Each is a request of its own in results; the last response, those before are recorded.
        """
        attempt = 1
        while policy.wants(attempt, response.outcome, response.status):
            delay_ns = policy.delay_ns(attempt, scope.rng)
            if policy.respect_retry_after:
                asked_ns = retry_after_ns(response.headers.get("retry-after", ""), time.time()) or 0
                held = call.obeys_limits and asks_to_wait(response)  # back, before it is sent
                if held:
                    asked_ns = session.restraint.until_ns(request.origin) - self._now_ns()
                if asked_ns > policy.max_ns:
                    break  # sooner than it asked for would be no respect
                if not held:
                    delay_ns = max(delay_ns, asked_ns)
            self._record_hop(call, response, session)
            try:
                await self._clock.sleep_until(self._now_ns() + delay_ns)
            except asyncio.CancelledError:
                nothing_more(self._context, call, intent, 0)
                raise
            self._recorder.count(
                call.series, "http_retries", self._context.phase_at(self._now_ns())
            )
            attempt += 1
            lines = session.header_lines(call.own_headers)
            response = await follow(
                self._context, self._client, call, request, session, lines, self.due, intent
            )
        return response

    def _record_hop(self, call: Call, response: Response, session: SignedIn) -> None:
        """Record a response that ends no step."""
        record_hop(self._context, call.name, call.series, response)
        if response.status == 401:
            session.refused()

    async def _sign_in(self, name: str | None, caller: Scope) -> SignedIn:
        """Sign in as the identity of a step, with what every iteration starts with."""
        assert name is not None
        identity = self._context.identities[name]
        session = self._sessions.get(name)
        if session is None:
            session = self._sessions[name] = SignedIn(identity, self.restraint, self._homes)
        scope = caller.with_variables(self._first_variables())
        await sign_in(
            self._context, self._client, identity, session, scope, self.due, self._challenges
        )
        return session
