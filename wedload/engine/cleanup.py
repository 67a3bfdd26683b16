"""Clean-up: the requests that delete what a run created, last created first.

What was refused for now – 429, 503, a connection that was reset – is asked for again, a few times
and not sooner than the target wants. What it says of that to one request holds for all of the same
virtual user, which go one by one from then on, and so does what it has said in the load. A target
that does not answer any more, or that limits without letting anything through, is given up.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Final

from wedload.engine.digest import ChallengePool, DigestSession
from wedload.engine.holding import asked_ns, asks_to_wait
from wedload.engine.patience import ASKS_TOO_MUCH, LIMITS, again_after_ns
from wedload.protocols.http.response import Response
from wedload.workload.sweep import NOTHING_THERE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from contextlib import AbstractContextManager

    from wedload.engine.context import Shared
    from wedload.engine.deletion import Deletion, Entries
    from wedload.engine.identity import SignedIn
    from wedload.engine.patience import Patience
    from wedload.engine.port import HttpClient
    from wedload.engine.restraint import Restraint
    from wedload.metrics.cleanup_count import CleanupCount
    from wedload.workload.request import Origin

#: connections of all load processes together; gentle to a target that was just under load
AT_ONCE: Final = 16
_MAX_BYTES: Final = 1_000_000
_CUT_OFF: Final = "clean-up was cut off"
_NO_ANSWER: Final = "the target does not answer"
#: so many in a row, for each connection, and it will not get better
_PATIENCE: Final = 3
_NOT_SENT: Final = frozenset({ASKS_TOO_MUCH, LIMITS})  # problems of what there was no request for


class SignInFailedError(Exception):
    """Nobody is signed in who could delete; says why."""


class CleanUp:
    """Sends what is to be deleted: what this load process has in memory, or what a journal says."""

    def __init__(
        self,
        shared: Shared,
        entries: Entries,
        count: CleanupCount,
        patience: Patience,
        ready: Callable[[Deletion], Awaitable[None]],
        record: Callable[[Response], None],
        at_once: int,
    ) -> None:
        """`count`: has `entries` already; `record`: told of each request that was sent.

        `ready` signs in whom a deletion is sent as, or raises SignInFailedError; it has a part in
        `patience`.
        """
        self._entries = entries
        self._count = count
        self._patience = patience
        self._ready = ready
        self._record = record
        self._at_once = at_once
        self._most = _PATIENCE * at_once  # so many in a row are too many
        self._new_client = shared.http.client
        self._clock = shared.clock
        self._pace = shared.pace
        self._journal = shared.journal  # is told what is gone
        self._timeout_ns = shared.plan.cleanup.timeout  # of each request
        self._in_vain: set[SignedIn] = set()  # who was refused after signing in again
        self._challenges = ChallengePool()
        #: those who were told to wait: one at a time, else all would ask when the wait is over
        self._told: dict[Restraint, asyncio.Lock] = {}
        self._timed_out = 0  # in a row
        self._refused = 0  # in a row, whatever was tried

    async def run(self) -> None:
        """Send them all, `at_once` at a time, and count what is gone and what is not."""
        workers = min(self._at_once, len(self._entries))
        try:
            await asyncio.gather(*(self._work(self._new_client()) for _ in range(workers)))
        finally:
            # what was not tried is still there
            if self._entries:
                self._count.leak(self._why_given_up() or _CUT_OFF, len(self._entries))

    async def _work(self, client: HttpClient) -> None:
        try:
            while self._entries and self._why_given_up() is None:
                deletion = self._entries.pop()
                try:
                    response = await self._persist(deletion, client)
                except SignInFailedError as error:
                    self._count.leak(str(error))
                    continue
                except asyncio.CancelledError:
                    self._count.leak(_CUT_OFF)
                    raise
                if response.problem not in _NOT_SENT:  # else there was no request
                    self._record(response)
                self._timed_out = self._timed_out + 1 if response.outcome == "timeout" else 0
                if response.outcome == "ok":
                    self._refused = 0
                    self._patience.deleted()
                    self._count.deleted += 1
                    self._count.absent += response.status in NOTHING_THERE
                    if self._journal is not None and deletion.record:
                        self._journal.gone(deletion.record, deletion.journal)
                else:
                    self._refused += 1
                    self._count.leak(response.problem or response.outcome)
        finally:
            client.close()

    def _why_given_up(self) -> str | None:
        """Why nothing more is sent, if too many in a row were in vain."""
        if self._timed_out >= self._most:
            return _NO_ANSWER
        over = self._patience.is_over(self._most, retries=self._refused < self._most)
        return LIMITS if over else None

    async def _persist(self, deletion: Deletion, client: HttpClient) -> Response:
        """Send a request until it is not refused for now; its last response.

        Each is recorded as a request of its own; after many in vain nothing is sent again.
        """
        attempt, signed_in_again = 1, False
        delay_ns: int | None
        while True:
            await self._ready(deletion)
            times = deletion.session.times
            response = await self._delete(deletion, client)
            if self._is_to_sign_in(deletion.session, times, response, again=signed_in_again):
                signed_in_again, delay_ns = True, 0
            else:
                delay_ns = again_after_ns(response, attempt)
            if delay_ns is None or self._refused >= self._most:
                return response
            self._record(response)
            await self._clock.sleep_until(self._clock.now_ns() + delay_ns)
            attempt += 1

    def _is_to_sign_in(
        self, session: SignedIn, times: int, response: Response, *, again: bool
    ) -> bool:
        """Whether a request is sent again after signing in, as what it showed is not accepted.

        `times`: that its sender was signed in when it was sent; `again`: whether that was for it.
        """
        if response.status != 401 or session.identity is None:
            return False
        if again:  # so signing in is of no use: not for each that is to be deleted
            self._in_vain.add(session)
        if again or session in self._in_vain:
            return False
        if session.times == times:  # else another has had it signed in again meanwhile
            session.refused()
        return True

    async def _delete(self, deletion: Deletion, client: HttpClient) -> Response:
        """Send a request, and again for each challenge that is answered; its last response.

        A challenge is recorded here: it is a request of its own, and no failure.
        """
        request = deletion.request
        with self._session(deletion) as session:
            lines = session.header_lines(deletion.own_headers)
            while True:
                async with self._turn(session.restraint):
                    why = await self._held_back(session.restraint, request.origin)
                    if why is not None:
                        now_ns = self._clock.now_ns()
                        return Response(now_ns).unsent("status", why, now_ns)
                    shown = session.with_cookies(lines, request)
                    response = await client.exchange(request, shown, self._timeout_ns, _MAX_BYTES)
                    self._take_in(session.restraint, request.origin, response)
                session.take_cookies(request, response)
                refused = response.outcome == "ok" and response.status == 401
                if not (refused and session.answers(request, response)):
                    break
                self._record(response)
        # somebody may have been faster: what matters is that it is not there
        done = 200 <= response.status < 300 or response.status in NOTHING_THERE
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

    async def _held_back(self, restraint: Restraint, origin: Origin) -> str | None:
        """Return when a request may be sent to an origin, or why it is not: too long a wait."""
        clock = self._clock
        while True:
            while (until_ns := restraint.until_ns(origin)) > (now_ns := clock.now_ns()):
                if (why := self._patience.refuses(now_ns, until_ns)) is not None:
                    return why
                await clock.sleep_until(until_ns)
            if self._pace is None:
                return None
            await self._pace.turn()
            if restraint.until_ns(origin) <= clock.now_ns():
                return None

    def _take_in(self, restraint: Restraint, origin: Origin, response: Response) -> None:
        """Heed what a response says of limits, whose request has waited for its turn."""
        self._patience.take_in(response)
        if asks_to_wait(response):
            restraint.tell(origin, self._clock.now_ns(), asked_ns(response))
        elif restraint.active:
            restraint.answered(origin, self._clock.now_ns())

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
