"""Clean-up: the requests that delete what a run created, last created first.

What was refused for now – 429, 503, a connection that was reset – is asked for again, a few times
and not sooner than the target wants. What it says of that to one request holds for all of the same
virtual user, which go one by one from then on, and so does what it has said in the load. A target
that does not answer any more, or that limits without letting anything through, is given up.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from wedload.engine.digest import ChallengePool, DigestSession
from wedload.engine.holding import asked_ns, asks_to_wait
from wedload.engine.patience import ASKS_TOO_MUCH, LIMITS, Patience, again_after_ns
from wedload.metrics.cleanup_count import CleanupCount
from wedload.protocols.http.response import Response
from wedload.units import NS_PER_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractContextManager

    from wedload.clock import Clock
    from wedload.engine.identity import SignedIn
    from wedload.engine.pacing import Pace
    from wedload.engine.port import HttpClient
    from wedload.engine.restraint import Restraint
    from wedload.safety.journal.writer import LoadJournal
    from wedload.workload.request import Origin, Request

#: connections of all load processes together; gentle to a target that was just under load
AT_ONCE: Final = 16
_MAX_BYTES: Final = 1_000_000
_GONE: Final = frozenset({404, 410})  # somebody was faster: what matters is that it is not there
_CUT_OFF: Final = "clean-up was cut off"
_NO_ANSWER: Final = "the target does not answer"
#: so many in a row, for each connection, and it will not get better
_PATIENCE: Final = 3
_NOT_SENT: Final = frozenset({ASKS_TOO_MUCH, LIMITS})  # problems of what there was no request for


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


class SignInFailedError(Exception):
    """Nobody is signed in who could delete; says why."""


class CleanupList:
    """Requests to be sent at the end: those in this load process's memory, or of a journal."""

    def __init__(
        self,
        timeout_ns: int = 10 * NS_PER_S,
        *,
        pace: Pace | None = None,
        entries: Entries | None = None,
        count: CleanupCount | None = None,
        ready: Callable[[Deletion], Awaitable[None]] | None = None,
        patience: Patience | None = None,
    ) -> None:
        """`timeout_ns`: of each request. `entries` are there from the beginning, `count` has them.

        `pace` is that of all requests, if the target has a highest rate. `ready` signs in whom a
        deletion is sent as, or raises SignInFailedError; it has a part in `patience`.
        """
        self._timeout_ns = timeout_ns
        self._pace = pace
        self._own: list[Deletion] = []
        self._entries: Entries = self._own if entries is None else entries
        self.ready = ready
        self.patience = Patience() if patience is None else patience
        self._in_vain: set[SignedIn] = set()  # who was refused after signing in again
        self._credentials: dict[tuple[str, str], tuple[str, str]] = {}  # each once
        self._challenges = ChallengePool()
        self.count = CleanupCount() if count is None else count
        self.journal: LoadJournal | None = None  # that is told what is gone
        #: those who were told to wait: one at a time, else all would ask when the wait is over
        self._told: dict[Restraint, asyncio.Lock] = {}
        self._timed_out = 0  # in a row
        self._refused = 0  # in a row, whatever was tried

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, deletion: Deletion) -> None:
        """Remember a request."""
        if (shown := deletion.credentials) is not None:
            deletion = deletion._replace(credentials=self._credentials.setdefault(shown, shown))
        self._own.append(deletion)
        self.count.created += 1

    def perhaps_created(self, sent_bytes: int = 1) -> None:
        """Count a request that nobody can undo: no complete answer came, or not what names it.

        One of which nothing was sent has created nothing.
        """
        self.count.uncertain += int(sent_bytes > 0)

    async def run(
        self,
        new_client: Callable[[], HttpClient],
        record: Callable[[Response], None],
        clock: Clock,
        at_once: int = AT_ONCE,
    ) -> CleanupCount:
        """Send them all, `at_once` at a time, and count what is gone and what is not."""
        workers = min(at_once, len(self._entries))
        most = _PATIENCE * at_once
        try:
            await asyncio.gather(
                *(self._work(new_client(), record, clock, most) for _ in range(workers))
            )
        finally:
            # what was not tried is still there
            if self._entries:
                self.count.leak(self._why_given_up(most) or _CUT_OFF, len(self._entries))
        return self.count

    async def _work(
        self, client: HttpClient, record: Callable[[Response], None], clock: Clock, most: int
    ) -> None:
        try:
            while self._entries and self._why_given_up(most) is None:
                deletion = self._entries.pop()
                try:
                    response = await self._persist(deletion, client, record, clock, most)
                except SignInFailedError as error:
                    self.count.leak(str(error))
                    continue
                except asyncio.CancelledError:
                    self.count.leak(_CUT_OFF)
                    raise
                if response.problem not in _NOT_SENT:  # else there was no request
                    record(response)
                self._timed_out = self._timed_out + 1 if response.outcome == "timeout" else 0
                if response.outcome == "ok":
                    self._refused = 0
                    self.patience.deleted()
                    self.count.deleted += 1
                    self.count.absent += response.status in _GONE
                    if self.journal is not None and deletion.record:
                        self.journal.gone(deletion.record, deletion.journal)
                else:
                    self._refused += 1
                    self.count.leak(response.problem or response.outcome)
        finally:
            client.close()

    def _why_given_up(self, most: int) -> str | None:
        """Why nothing more is sent, if so many in a row are too many."""
        if self._timed_out >= most:
            return _NO_ANSWER
        over = self.patience.is_over(most, retries=self._refused < most)
        return LIMITS if over else None

    async def _persist(
        self,
        deletion: Deletion,
        client: HttpClient,
        record: Callable[[Response], None],
        clock: Clock,
        most: int,
    ) -> Response:
        """Send a request until it is not refused for now; its last response.

        Each is recorded as a request of its own; after many in vain nothing is sent again.
        """
        attempt, signed_in_again = 1, False
        delay_ns: int | None
        while True:
            if self.ready is not None:
                await self.ready(deletion)
            times = deletion.session.times
            response = await self._delete(deletion, client, record, clock)
            if self._is_to_sign_in(deletion.session, times, response, again=signed_in_again):
                signed_in_again, delay_ns = True, 0
            else:
                delay_ns = again_after_ns(response, attempt)
            if delay_ns is None or self._refused >= most:
                return response
            record(response)
            await clock.sleep_until(clock.now_ns() + delay_ns)
            attempt += 1

    def _is_to_sign_in(
        self, session: SignedIn, times: int, response: Response, *, again: bool
    ) -> bool:
        """Whether a request is sent again after signing in, as what it showed is not accepted.

        `times`: that its sender was signed in when it was sent; `again`: whether that was for it.
        """
        if response.status != 401 or self.ready is None or session.identity is None:
            return False
        if again:  # so signing in is of no use: not for each that is to be deleted
            self._in_vain.add(session)
        if again or session in self._in_vain:
            return False
        if session.times == times:  # else another has had it signed in again meanwhile
            session.refused()
        return True

    async def _delete(
        self,
        deletion: Deletion,
        client: HttpClient,
        record: Callable[[Response], None],
        clock: Clock,
    ) -> Response:
        """Send a request, and again for each challenge that is answered; its last response.

        A challenge is recorded here: it is a request of its own, and no failure.
        """
        request = deletion.request
        with self._session(deletion) as session:
            lines = session.header_lines(deletion.own_headers)
            while True:
                async with self._turn(session.restraint):
                    why = await self._held_back(session.restraint, request.origin, clock)
                    if why is not None:
                        return Response(clock.now_ns()).unsent("status", why, clock.now_ns())
                    shown = session.with_cookies(lines, request)
                    response = await client.exchange(request, shown, self._timeout_ns, _MAX_BYTES)
                    self._take_in(session.restraint, request.origin, response, clock)
                session.take_cookies(request, response)
                refused = response.outcome == "ok" and response.status == 401
                if not (refused and session.answers(request, response)):
                    break
                record(response)
        done = 200 <= response.status < 300 or response.status in _GONE
        if response.outcome == "ok" and not done:
            why = _why_refused(deletion, session) if refused else ""
            response.outcome, response.problem = "status", f"status {response.status}{why}"
        return response

    @asynccontextmanager
    async def _turn(self, restraint: Restraint) -> AsyncIterator[None]:
        if restraint.was_told:  # in the load, perhaps
            self._told.setdefault(restraint, asyncio.Lock())
        lock = self._told.get(restraint)
        async with nullcontext() if lock is None else lock:
            yield

    async def _held_back(self, restraint: Restraint, origin: Origin, clock: Clock) -> str | None:
        """Return when a request may be sent to an origin, or why it is not: too long a wait."""
        while True:
            while (until_ns := restraint.until_ns(origin)) > (now_ns := clock.now_ns()):
                if (why := self.patience.refuses(now_ns, until_ns)) is not None:
                    return why
                await clock.sleep_until(until_ns)
            if self._pace is None:
                return None
            await self._pace.turn()
            if restraint.until_ns(origin) <= clock.now_ns():
                return None

    def _take_in(
        self, restraint: Restraint, origin: Origin, response: Response, clock: Clock
    ) -> None:
        """Heed what a response says of limits, whose request has waited for its turn."""
        self.patience.take_in(response)
        if asks_to_wait(response):
            restraint.tell(origin, clock.now_ns(), asked_ns(response))
        elif restraint.active:
            restraint.answered(origin, clock.now_ns())

    def _session(self, deletion: Deletion) -> AbstractContextManager[SignedIn]:
        """As whom a request is sent: one who answers challenges if there are credentials."""
        session, origin = deletion.session, deletion.origin
        credentials = deletion.credentials or session.credentials
        if origin is None or credentials is None:
            return nullcontext(session)
        return self._challenges.session(session, origin, credentials)


def _why_refused(deletion: Deletion, session: SignedIn) -> str:
    """Why a 401 stands where there are Digest credentials, as the end of a sentence."""
    if not isinstance(session, DigestSession):
        return ""
    asking = deletion.request.origin
    if asking != deletion.origin:
        return f": {asking} wants credentials, and those of auth are for {deletion.origin} alone"
    if session.answered:
        return ": its answer was refused, so the user or password of auth (digest) is wrong"
    return ": there was no Digest challenge that could be answered"
