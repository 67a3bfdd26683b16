"""What a step is about to create and what it has created, as clean-up and the journal are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.engine.deletion import Deletion
from wedload.engine.scope import no_value
from wedload.plan.expressions.expression import EVALUATION_ERRORS

if TYPE_CHECKING:
    from wedload.engine.context import ScenarioContext
    from wedload.engine.identity import SignedIn
    from wedload.engine.scope import Scope
    from wedload.workload.compiled import Call
    from wedload.workload.request import Origin


class Intent:
    """That a step is about to create something, for all of its attempts."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0  # in the journal; 0: nothing was sent yet

    def tell(self, context: ScenarioContext) -> None:
        """Tell the journal, if it does not know yet."""
        if not self.number:
            self.number = context.shared.intend()


def perhaps_created(context: ScenarioContext, intent: Intent | None, sent: int) -> None:
    """Count what nobody can undo; `sent`: above 0, if something was that may have created it."""
    context.shared.perhaps_created(0 if intent is None else intent.number, sent)


def nothing_more(context: ScenarioContext, call: Call, intent: Intent | None, sent: int) -> None:
    """Nothing more is sent; `sent`: above 0, if something was that may have created something."""
    if call.cleanup is not None:
        perhaps_created(context, intent, sent)
    if intent is not None:
        context.shared.over(intent.number)


def delete_later(
    context: ScenarioContext,
    call: Call,
    step_origin: Origin,
    session: SignedIn,
    scope: Scope,
    intent: Intent | None,
) -> None:
    """Keep how to delete what a call has created.

    Raises:
        EndIteration: a value is missing, so nobody can.
    """
    cleanup = call.cleanup
    assert cleanup is not None
    shared = context.shared
    number = 0 if intent is None else intent.number
    own_headers, digest = cleanup.own_headers, cleanup.digest
    origin: Origin | None = None
    credentials: tuple[str, str] | None = None
    try:
        request = cleanup.request.render(scope)
        if digest is not None:
            credentials = digest.of(scope) if digest.of_step else None
            origin = digest.origin or step_origin
    except EVALUATION_ERRORS as error:
        shared.perhaps_created(number)
        shared.over(number)
        raise no_value(shared.recorder, f"{call.name}: cleanup", error) from None
    shared.cleanup.add(Deletion(request, session, own_headers, origin, credentials, number))
    if number and shared.journal is not None:
        shared.journal.created(
            number, request, session.person, call.series, own_headers, origin, credentials
        )
