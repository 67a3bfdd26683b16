"""A virtual user that answers Digest challenges while it sends one request.

The first request goes out without an answer if no nonce is known; what is learned serves the
requests that follow. See wedload.protocols.http.digest for the answers themselves.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from wedload.engine.identity import SignedIn
from wedload.protocols.http.digest import Challenge, best_challenge, next_nonce

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wedload.protocols.http.response import Response
    from wedload.workload.request import Origin, Request

#: answers to challenges in a row: the first, and one when that nonce has just become stale
_MOST_ANSWERS: Final = 2
#: (origin, user, password) -> the challenge that was answered there last
Challenges = dict[tuple["Origin", str, str], Challenge]


class DigestSession(SignedIn):
    """One request and what follows it, as whom `session` is, with credentials for one origin."""

    __slots__ = ("_answers", "_challenges", "_key", "_session", "_shown")

    def __init__(
        self, session: SignedIn, origin: Origin, credentials: tuple[str, str], known: Challenges
    ) -> None:
        super().__init__(session.identity, session.restraint)
        self.jar, self.lines, self.valid = session.jar, session.lines, session.valid
        self._session = session
        self._key = (origin, *credentials)
        self._challenges = known
        self._shown: Challenge | None = None  # the challenge that the last request answered
        self._answers = 0

    def with_cookies(self, lines: tuple[bytes, ...], request: Request) -> tuple[bytes, ...]:
        """Header lines for a request, its cookies, and its answer if a challenge is known."""
        lines = super().with_cookies(lines, request)
        origin, user, password = self._key
        # credentials do not go to another origin, not even as a digest
        self._shown = self._challenges.get(self._key) if request.origin == origin else None
        if self._shown is None:
            return lines
        target = request.target.decode("latin-1")
        return (*lines, self._shown.answer(request.method, target, user, password))

    def take_cookies(self, request: Request, response: Response) -> None:
        """Store cookies, and the next nonce if the server names one."""
        super().take_cookies(request, response)
        shown = self._shown
        if shown is not None and response.status != 401:
            nonce = next_nonce(response.headers.get("authentication-info", ""))
            if nonce is not None and nonce != shown.nonce:
                self._challenges[self._key] = Challenge(
                    shown.realm, nonce, shown.algorithm, shown.opaque, shown.qop,
                    userhash=shown.userhash,
                )  # fmt: skip

    def answers(self, request: Request, response: Response) -> bool:
        """Whether a 401 is a challenge that another request is to answer."""
        challenge = best_challenge(response.headers.get("www-authenticate", ""))
        if challenge is None or request.origin != self._key[0] or self._answers == _MOST_ANSWERS:
            return False
        shown = self._shown
        self._challenges[self._key] = challenge
        # a nonce may be used up without the server's saying so: then there is another one now
        used_up = shown is not None and shown.count > 1 and challenge.nonce != shown.nonce
        if shown is not None and not challenge.stale and not used_up:
            return False  # a fresh answer was refused: the credentials are wrong
        self._answers += 1
        return True

    @property
    def answered(self) -> bool:
        """Whether the last request showed an answer."""
        return self._shown is not None

    def refused(self) -> None:
        """The response was a 401 in spite of all."""
        self._session.refused()


class ChallengePool:
    """Challenges that requests on several connections answer, one request at a time each.

    A server may insist on the order in which a nonce's answers are counted (RFC 7616 section 3.4,
    `nc`), and requests at the same time may overtake each other.
    """

    def __init__(self) -> None:
        self._idle: dict[tuple[Origin, str, str], list[Challenge]] = {}

    @contextmanager
    def session(
        self, session: SignedIn, origin: Origin, credentials: tuple[str, str]
    ) -> Iterator[DigestSession]:
        """A session with a challenge of its own, which others answer when it is over."""
        key = (origin, *credentials)
        idle = self._idle.setdefault(key, [])
        known: Challenges = {key: idle.pop()} if idle else {}
        yield DigestSession(session, origin, credentials, known)
        idle.extend(known.values())
