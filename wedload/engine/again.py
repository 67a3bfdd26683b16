"""Signing in again for clean-up, with the same request as before: the same person.

Each signs in once for all that is theirs, on a connection of its own, when the first of it is to be
deleted and not before.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from wedload.engine.cleanup import SignInFailedError
from wedload.engine.context import outside_of_load
from wedload.engine.patience import Patience, again_after_ns
from wedload.engine.scope import EndIteration
from wedload.engine.signing_in import NotSignedIn
from wedload.engine.virtual_user import VirtualUser
from wedload.workload.compiled import RequestTemplate

if TYPE_CHECKING:
    from wedload.engine.context import Shared
    from wedload.engine.deletion import Deletion
    from wedload.engine.identity import SignedIn
    from wedload.engine.kept import HowSignedIn
    from wedload.workload.compiled import CompiledIdentity


class Returning:
    """Somebody who is to be signed in again, as a session that others know already."""

    def __init__(
        self, shared: Shared, session: SignedIn, how: HowSignedIn, patience: Patience
    ) -> None:
        assert session.identity is not None  # nobody in particular need not sign in
        identity = _with_same_request(session.identity, how)
        self.session = session
        self.problem: str | None = None  # why that is not possible
        self._shared = shared
        self._name = identity.name
        self._how = how
        self._patience = patience
        self._one_at_a_time = asyncio.Lock()
        context = outside_of_load(shared, how.scenario, {identity.name: identity})
        self._scope = context.scope(how.vu - 1)
        self._scope.begin_iteration(how.iteration, dict(how.variables))
        for feeder, row in how.rows.items():
            self._scope.draw(feeder, row)
        user = VirtualUser(context, self._scope)
        user.know(dict(how.variables))
        self._steps = user.http()
        self._steps.is_to_be(identity.name, session)

    async def sign_in(self) -> None:
        """Sign in, unless that is done.

        Raises:
            SignInFailedError: it failed, now or before.
        """
        async with self._one_at_a_time:
            if self.problem is None and not self.session.stands(self._shared.clock.now_ns):
                try:
                    self.problem = await self._sign_in()
                finally:
                    self._steps.close()
        if self.problem is not None:
            raise SignInFailedError(f"signing in again as {self._name}: {self.problem}")

    async def _sign_in(self) -> str | None:
        clock = self._shared.clock
        attempt = 1
        while True:
            if (why := self._refused_wait()) is not None:
                return why
            try:
                await self._steps.signed_in(self._name, self._scope)
            except NotSignedIn as failed:
                response = failed.response
                self._patience.take_in(response)
                delay_ns = again_after_ns(response, attempt)
                if delay_ns is None:
                    return response.problem or response.outcome
                await clock.sleep_until(clock.now_ns() + delay_ns)
                attempt += 1
            except EndIteration:
                return "a value is missing that the plan reads for it"
            else:
                return None

    def _refused_wait(self) -> str | None:
        """Why there is no waiting for what was said to it before, perhaps in the load."""
        if self._how.request is None:
            return None
        now_ns = self._shared.clock.now_ns()
        until_ns = self.session.restraint.until_ns(self._how.request.origin)
        return self._patience.refuses(now_ns, until_ns) if until_ns > now_ns else None


class SigningInAgain:
    """Signs in again whom a run's own clean-up needs, if their sessions are over."""

    def __init__(self, shared: Shared, patience: Patience) -> None:
        self._shared = shared
        self._patience = patience
        self._people: dict[SignedIn, Returning | None] = {}  # None: who need not sign in yet

    async def ready(self, deletion: Deletion) -> None:
        """Sign in again whom a deletion is to be sent as, if need be.

        Raises:
            SignInFailedError: says why that is not possible.
        """
        session = deletion.session
        if session not in self._people:
            self._people[session] = None
            # a step was refused in the load, perhaps as it should be: if deletions are, they tell
            session.valid = True
        if session.stands(self._shared.clock.now_ns):
            return
        person = self._people[session]
        if person is None:
            assert session.how is not None  # it was signed in when it created that
            person = Returning(self._shared, session, session.how, self._patience)
            self._people[session] = person
        await person.sign_in()


def _with_same_request(identity: CompiledIdentity, how: HowSignedIn) -> CompiledIdentity:
    """An identity that signs in with the request of then, whatever its plan would make now."""
    request = how.request
    if identity.sign_in is None or request is None:
        return identity
    sent = RequestTemplate(
        request.method, request.origin, request.target, request.headers, request.body
    )
    return replace(identity, sign_in=replace(identity.sign_in, request=sent))
