"""What an http step and signing in have in common: who answers challenges, and what is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.engine.digest import DigestSession
from wedload.engine.ending import check_all, end_step
from wedload.engine.http_samples import record_fallback, record_response
from wedload.engine.scope import no_value
from wedload.metrics.outcome import ANSWERED
from wedload.plan.expressions.expression import EVALUATION_ERRORS

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.digest import Challenges
    from wedload.engine.ending import Due
    from wedload.engine.identity import SignedIn
    from wedload.engine.scope import Scope
    from wedload.protocols.http.response import Response
    from wedload.workload.compiled import Call, Digest
    from wedload.workload.request import Request


def answering(
    context: ScenarioContext, digest: Digest, request: Request, session: SignedIn, scope: Scope,
    known: Challenges,
) -> DigestSession:  # fmt: skip
    """A session for one request that answers challenges.

    Raises:
        EndIteration: a value is missing.
    """
    try:
        credentials = digest.of(scope) if digest.of_step else session.credentials
    except EVALUATION_ERRORS as error:
        raise no_value(context.shared.recorder, "auth", error) from None
    assert credentials is not None
    return DigestSession(session, request.origin, credentials, known)


def end_call(
    context: ScenarioContext, due: Due, call: Call, response: Response, session: SignedIn,
    scope: Scope,
) -> None:  # fmt: skip
    """The last response of a call is there: record and check it."""
    phase = context.phase_at(response.started_ns)
    waited_ns = end_step(
        context, due, call.series, phase, response.ended_ns, happened=response.sent_ns > 0
    )
    record_response(context.shared.recorder, call.name, call.series, phase, response, waited_ns)
    scope.response = response
    if call.checks:
        answered = response.outcome in ANSWERED
        check_all(context, call.checks, phase, scope, answered=answered)
    if call.fallback is not None and response.outcome in ANSWERED:
        record_fallback(context.shared.recorder, call, phase, response, scope)
    if response.status == 401:
        session.refused()
