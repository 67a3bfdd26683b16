"""Recovery: deleting what a journal names, in a load process that has created none of it.

Each who created something is signed in again when the first of it is to be deleted, on a connection
of his own. It does not know where the journal lies or who is told what is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from wedload.engine.again import Returning
from wedload.engine.deletion import Deletion
from wedload.engine.identity import SignedIn
from wedload.engine.kept import HowSignedIn
from wedload.engine.patience import Patience
from wedload.engine.restraint import Restraint
from wedload.metrics.cleanup_count import CleanupCount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wedload.engine.context import Shared
    from wedload.safety.journal.account import Account, Key, SignIn, Undo
    from wedload.workload.compiled import CompiledIdentity

#: why something cannot be deleted by what a journal says
_UNTOLD: Final = "no journal says how: that would have told a token"


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
        self.patience = Patience()
        self._people: dict[Key, Returning] = {}
        self._by_session: dict[int, Returning] = {}  # the same, by the identity of their sessions
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
            await person.sign_in()

    def _person(self, key: Key) -> Returning:
        person = self._people.get(key)
        if person is None:
            person = self._people[key] = self._made(self._sign_ins[key])
            self._by_session[id(person.session)] = person
        return person

    def _made(self, sign_in: SignIn) -> Returning:
        identity = self._identities[sign_in.scenario, sign_in.identity]
        problem: str | None = None
        found: dict[str, Mapping[str, Any]] = {}
        for feeder, place in sign_in.rows.items():
            rows = self._shared.plan.data[feeder].rows
            if place < len(rows):
                found[feeder] = rows[place]
            else:
                problem = f"data.{feeder} has no row {place + 1:,} any more"
        how = HowSignedIn(
            sign_in.scenario, sign_in.vu, sign_in.iteration, sign_in.request, sign_in.variables,
            found,
        )  # fmt: skip
        session = SignedIn(identity, Restraint(self._shared.pace))
        person = Returning(self._shared, session, how, self.patience)
        person.problem = problem
        return person
