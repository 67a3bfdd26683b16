"""What a load process keeps in its journal of who has signed in: how they can do so again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.safety.journal.account import SignIn
from wedload.safety.journal.sources import secrets_of
from wedload.safety.journal.writer import LoadJournal, Person, open_load_journal

if TYPE_CHECKING:
    from wedload.engine.identity import SignedIn
    from wedload.engine.scope import Scope
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings
    from wedload.workload.compiled import CompiledIdentity
    from wedload.workload.request import Request
    from wedload.workload.segment import Segment


def journal_of(plan: Plan, settings: Settings, segment: Segment) -> LoadJournal | None:
    """The journal of a load process, if one is to be kept.

    Raises:
        JournalError: it cannot be.
    """
    if not settings.journal:
        return None
    return open_load_journal(settings.journal, segment.index, secrets_of(plan, settings))


def keep_sign_in(
    journal: LoadJournal,
    identity: CompiledIdentity,
    request: Request | None,
    session: SignedIn,
    scope: Scope,
) -> None:
    """Tell the journal how somebody has signed in; `scope`: in which they did."""
    reads = identity.reads
    captured = {name for name, _ in identity.sign_in.captures} if identity.sign_in else set()
    variables = {
        name: scope.variables[name]
        for name in sorted(reads.variables - captured)
        if name in scope.variables
    }
    sign_in = SignIn(
        identity=identity.name,
        scenario=scope.scenario,
        request=request,
        variables=variables,
        vu=scope.vu,
        iteration=scope.iteration if "iteration" in reads.user else 0,
        rows={
            feeder: scope.row_place(feeder) for feeder in sorted({of for of, _ in reads.columns})
        },
    )
    if session.person is None:
        session.person = Person()
    journal.signed_in(session.person, sign_in, session.lines)
