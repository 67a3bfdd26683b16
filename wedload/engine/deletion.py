"""What is to be deleted when a load is over: what its steps have created, kept in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from wedload.metrics.cleanup_count import CleanupCount

if TYPE_CHECKING:
    from wedload.engine.identity import SignedIn
    from wedload.workload.request import Origin, Request


class Deletion(NamedTuple):
    """A request to be sent at the end, and as whom: all but the request is shared with others."""

    request: Request
    session: SignedIn  # as it is when the request is sent
    own_headers: frozenset[str]  # lower-case names of those that are not the session's to send
    origin: Origin | None = None  # whose Digest challenges are answered; None: nobody's
    credentials: tuple[str, str] | None = None  # user and password for them; None: the session's
    record: int = 0  # number in a journal of what it deletes; 0: in none
    journal: str = ""  # name of that journal, if another load process has written it


class Entries(Protocol):
    """Deletions that are still to be sent; the next is that of what was created last."""

    def __len__(self) -> int:
        """How many there are."""

    def pop(self) -> Deletion:
        """Take out the next."""


class CleanupList:
    """What one load process has created, and how it is to be deleted; implements `Entries`."""

    def __init__(self) -> None:
        self._deletions: list[Deletion] = []
        self._credentials: dict[tuple[str, str], tuple[str, str]] = {}  # each once
        self.count = CleanupCount()

    def __len__(self) -> int:
        return len(self._deletions)

    def pop(self) -> Deletion:
        """Take out the deletion of what was created last."""
        return self._deletions.pop()

    def add(self, deletion: Deletion) -> None:
        """Remember a request."""
        if (shown := deletion.credentials) is not None:
            deletion = deletion._replace(credentials=self._credentials.setdefault(shown, shown))
        self._deletions.append(deletion)
        self.count.created += 1

    def perhaps_created(self, sent_bytes: int = 1) -> None:
        """Count a request that nobody can undo: no complete answer came, or not what names it.

        One of which nothing was sent has created nothing.
        """
        self.count.uncertain += int(sent_bytes > 0)
