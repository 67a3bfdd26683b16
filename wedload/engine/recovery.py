"""Recovery: deleting what a journal names, in a load process that has created none of it.

Each who created something is signed in again when the first of it is to be deleted, on a connection
of his own. It does not know where the journal lies or who is told what is gone.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wedload.engine.cleanup import Deletion, SignInFailedError, again_after_ns
from wedload.engine.context import ScenarioContext
from wedload.engine.http import NotSignedIn
from wedload.engine.identity import SignedIn
from wedload.engine.restraint import Restraint
from wedload.engine.scope import EndIteration
from wedload.engine.virtual_user import VirtualUser
from wedload.metrics.cleanup_count import CleanupCount
from wedload.workload.compile_plan import NO_PHASE
from wedload.workload.compiled import RequestTemplate
from wedload.workload.phases import PhaseTimeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.engine.context import Shared
    from wedload.engine.http import HttpSteps
    from wedload.engine.scope import Scope
    from wedload.safety.journal.account import Account, Key, SignIn, Undo
    from wedload.workload.compiled import CompiledIdentity

#: why something cannot be deleted by what a journal says
_UNTOLD: Final = "no journal says how: that would have told a token"


class _Person:
    """Somebody who is to be signed in again."""

    def __init__(
        self, name: str, identity: CompiledIdentity, steps: HttpSteps, scope: Scope
    ) -> None:
        self.name = name
        self.session = SignedIn(identity, steps.restraint)
        self.problem: str | None = None  # why that is not possible
        self._steps = steps
        self._scope = scope
        self._one_at_a_time = asyncio.Lock()
        steps.is_to_be(name, self.session)

    async def sign_in(self, shared: Shared) -> None:
        """Sign in, unless that is done.

        Raises:
            SignInFailedError: it failed, now or before.
        """
        async with self._one_at_a_time:
            if self.problem is None and not self.session.stands(shared.clock.now_ns):
                try:
                    self.problem = await self._sign_in(shared)
                finally:
                    self._steps.close()
        if self.problem is not None:
            raise SignInFailedError(f"signing in again as {self.name}: {self.problem}")

    async def _sign_in(self, shared: Shared) -> str | None:
        attempt = 1
        while True:
            try:
                await self._steps.signed_in(self.name, self._scope)
            except NotSignedIn as failed:
                response = failed.response
                delay_ns = again_after_ns(response, attempt)
                if delay_ns is None:
                    return response.problem or response.outcome
                await shared.clock.sleep_until(shared.clock.now_ns() + delay_ns)
                attempt += 1
            except EndIteration:
                return "a value is missing that the plan reads for it"
            else:
                return None


class Recovery:
    """What an account says is still there, as deletions; implements `Entries`.

    Each is made when it is taken, as there may be millions.
    """

    def __init__(
        self,
        shared: Shared,
        identities: Mapping[tuple[str, str], CompiledIdentity],
        account: Account,
    ) -> None:
        self._shared = shared
        self._identities = identities
        self._account = account
        self._undos: Sequence[Undo] = account.undos
        self._sign_ins = account.sign_ins
        self._next = 0
        self._people: dict[Key, _Person] = {}
        self._by_session: dict[int, _Person] = {}  # the same, by the identity of their sessions
        self._nobody = SignedIn(None, Restraint(shared.pace))

    def count(self) -> CleanupCount:
        """What is known before anything is deleted."""
        account = self._account
        count = CleanupCount(account.created, account.deleted, uncertain=account.unknown)
        if account.untold:
            count.leak(_UNTOLD, account.untold)
        return count

    def __len__(self) -> int:
        """How many there are."""
        return len(self._undos) - self._next

    def pop(self) -> Deletion:
        """Take out the next."""
        undo = self._undos[self._next]
        self._next += 1
        session = self._nobody if undo.who is None else self._person(undo.who).session
        name, record = undo.key
        return Deletion(
            undo.request, session, undo.own_headers, undo.origin, undo.credentials, record, name
        )

    async def ready(self, deletion: Deletion) -> None:
        """Sign in whom a deletion is to be sent as.

        Raises:
            SignInFailedError: says why that is not possible.
        """
        person = self._by_session.get(id(deletion.session))
        if person is not None:
            await person.sign_in(self._shared)

    def _person(self, key: Key) -> _Person:
        person = self._people.get(key)
        if person is None:
            person = self._people[key] = self._made(self._sign_ins[key])
            self._by_session[id(person.session)] = person
        return person

    def _made(self, sign_in: SignIn) -> _Person:
        identity = self._identities[sign_in.scenario, sign_in.identity]
        if identity.sign_in is not None and (request := sign_in.request) is not None:
            sent = RequestTemplate(
                request.method, request.origin, request.target, request.headers, request.body
            )
            identity = replace(identity, sign_in=replace(identity.sign_in, request=sent))
        context = ScenarioContext(
            self._shared,
            sign_in.scenario,
            {sign_in.identity: identity},
            self._shared.clock.now_ns(),
            PhaseTimeline(((0, NO_PHASE),)),
        )
        scope = context.scope(sign_in.vu - 1)
        scope.begin_iteration(sign_in.iteration, dict(sign_in.variables))
        problem: str | None = None
        for feeder, place in sign_in.rows.items():
            rows = self._shared.plan.data[feeder].rows
            if place < len(rows):
                scope.draw(feeder, rows[place])
            else:
                problem = f"data.{feeder} has no row {place + 1:,} any more"
        user = VirtualUser(context, scope)
        user.know(dict(sign_in.variables))
        person = _Person(sign_in.identity, identity, user.http(), scope)
        person.problem = problem
        return person
