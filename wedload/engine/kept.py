"""What a load process keeps of who has signed in, itself and in its journal: how to do so again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wedload.safety.journal.account import SignIn
from wedload.safety.journal.sources import secrets_of
from wedload.safety.journal.writer import LoadJournal, Person, open_load_journal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wedload.engine.identity import SignedIn
    from wedload.engine.scope import Scope
    from wedload.plan.model import Plan
    from wedload.workload.compile_plan import Settings
    from wedload.workload.compiled import CompiledIdentity
    from wedload.workload.request import Request
    from wedload.workload.segment import Segment


class HowSignedIn(NamedTuple):
    """How somebody has signed in, and can again: as the same person."""

    scenario: str  # whose identity it is
    vu: int  # which virtual user, from 1
    iteration: int
    request: Request | None  # None: it signs in by headers or Digest alone
    variables: Mapping[str, Any]  # that are read, beside what signing in captures
    rows: Mapping[str, Mapping[str, Any]]  # of feeders, that are read


def how_signed_in(identity: CompiledIdentity, request: Request | None, scope: Scope) -> HowSignedIn:
    """How somebody has just signed in; `scope`: in which they did."""
    reads = identity.reads
    captured = {name for name, _ in identity.sign_in.captures} if identity.sign_in else set()
    return HowSignedIn(
        scenario=scope.scenario,
        vu=scope.vu,
        iteration=scope.iteration if "iteration" in reads.user else 0,
        request=request,
        variables={
            name: scope.variables[name]
            for name in sorted(reads.variables - captured)
            if name in scope.variables
        },
        rows={feeder: scope.row(feeder) for feeder in sorted({of for of, _ in reads.columns})},
    )


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
    how: HowSignedIn,
    session: SignedIn,
    scope: Scope,
) -> None:
    """Tell the journal how somebody has signed in; `scope`: in which they did."""
    sign_in = SignIn(
        identity=identity.name,
        scenario=how.scenario,
        request=how.request,
        variables=how.variables,
        vu=how.vu,
        iteration=how.iteration,
        rows={feeder: scope.row_place(feeder) for feeder in how.rows},
    )
    if session.person is None:
        session.person = Person()
    journal.signed_in(session.person, sign_in, session.lines)
