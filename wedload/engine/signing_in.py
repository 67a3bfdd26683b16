"""Signing in: a step of its own, before the one that is to be somebody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.engine.ending import capture_all
from wedload.engine.following import follow
from wedload.engine.http_exchange import answering, end_call
from wedload.engine.kept import how_signed_in, keep_sign_in
from wedload.engine.scope import EndIteration, no_value
from wedload.plan.expressions.expression import EVALUATION_ERRORS

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.digest import Challenges
    from wedload.engine.ending import Due
    from wedload.engine.identity import SignedIn
    from wedload.engine.port import HttpClient
    from wedload.engine.scope import Scope
    from wedload.protocols.http.response import Response
    from wedload.workload.compiled import Call, CompiledIdentity
    from wedload.workload.request import Request


class NotSignedIn(EndIteration):
    """Signing in was refused, or not answered."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


async def sign_in(
    context: ScenarioContext, client: HttpClient, identity: CompiledIdentity, session: SignedIn,
    scope: Scope, due: Due, known: Challenges,
) -> None:  # fmt: skip
    """Sign in a session as an identity; `scope`: what that reads, and captures into.

    Raises:
        EndIteration: it did not succeed, or a value is missing.
    """
    shared = context.shared
    request: Request | None = None
    if identity.sign_in is not None:
        try:
            request = identity.sign_in.request.render(scope)
        except EVALUATION_ERRORS as error:
            raise no_value(shared.recorder, f"identity {identity.name}", error) from None
        await _ask(context, client, identity.sign_in, request, session, scope, due, known)
    try:
        session.lines = tuple(
            (name, line if isinstance(line, bytes) else line(scope))
            for name, line in identity.headers
        )
        if identity.digest is not None:
            session.credentials = identity.digest.of(scope)
    except EVALUATION_ERRORS as error:
        raise no_value(shared.recorder, f"identity {identity.name}", error) from None
    session.valid = True
    session.times += 1
    session.how = how_signed_in(identity, request, scope)
    if shared.journal is not None:
        keep_sign_in(shared.journal, identity, session.how, session, scope)
    if identity.expires_ns is not None:
        session.expires_at_ns = shared.clock.now_ns() + identity.expires_ns


async def _ask(
    context: ScenarioContext, client: HttpClient, call: Call, request: Request,
    session: SignedIn, scope: Scope, due: Due, known: Challenges,
) -> None:  # fmt: skip
    """Send the request of signing in, and capture what it gives."""
    asking = session
    if call.digest is not None:
        asking = answering(context, call.digest, request, session, scope, known)
    # as nobody, but what there is stays until it succeeds: clean-up may need it
    response = await follow(context, client, call, request, asking, (), due)
    end_call(context, due, call, response, asking, scope)
    if response.outcome != "ok":
        raise NotSignedIn(response)
    capture_all(context, call, scope, succeeded=True)
    if (remember := context.shared.remember) is not None:
        given = {name: scope.variables[name] for name, _ in call.captures}
        remember(given | session.jar.values(), signing_in=True)
