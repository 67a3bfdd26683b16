"""A virtual user signed in as somebody: its header lines, its cookies, and when that ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.engine.restraint import Restraint
from wedload.protocols.http.cookies import NO_HOMES, CookieJar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wedload.engine.kept import HowSignedIn
    from wedload.protocols.http.response import Response
    from wedload.safety.journal.writer import Person
    from wedload.workload.compiled import CompiledIdentity
    from wedload.workload.request import Origin, Request


class SignedIn:
    """One identity of one virtual user; `identity` None is nobody in particular."""

    __slots__ = (
        "credentials", "expires_at_ns", "how", "identity", "jar", "lines", "person", "restraint",
        "times", "valid",
    )  # fmt: skip

    def __init__(
        self, identity: CompiledIdentity | None, restraint: Restraint | None = None,
        homes: Mapping[Origin, Origin] = NO_HOMES,
    ) -> None:  # fmt: skip
        """`restraint`: of the virtual user, whoever it acts as; None: nobody told it anything.

        `homes`: as for a `CookieJar`.
        """
        self.identity = identity
        self.restraint = Restraint() if restraint is None else restraint
        self.jar = CookieJar(homes)
        self.lines: tuple[tuple[str, bytes], ...] = ()
        self.expires_at_ns: int | None = None
        self.valid = identity is None
        self.credentials: tuple[str, str] | None = None  # for digest
        self.person: Person | None = None  # as the journal knows them, if there is one
        self.how: HowSignedIn | None = None  # last time; None: never yet
        self.times = 0  # that it was signed in

    def header_lines(self, own_headers: frozenset[str]) -> tuple[bytes, ...]:
        """Its header lines, without those that a step gives itself."""
        if not self.lines:
            return ()
        return tuple(line for name, line in self.lines if name not in own_headers)

    def with_cookies(self, lines: tuple[bytes, ...], request: Request) -> tuple[bytes, ...]:
        """Header lines for a request, and its cookies if there are any."""
        if not self.jar.stored:
            return lines
        cookie = self.jar.header(request.origin, request.path)
        return (*lines, cookie) if cookie else lines

    def take_cookies(self, request: Request, response: Response) -> None:
        """Store what a response sets, and tell it which cookies its request's place has now."""
        if response.sets_cookies:
            for name, value in response.raw_headers:
                if name.lower() == b"set-cookie":
                    self.jar.store(request.origin, request.path, value.decode("latin-1"))
        if self.jar.stored:
            response.cookies = self.jar.matching(request.origin, request.path)

    def answers(self, _request: Request, _response: Response) -> bool:
        """Whether a 401 is a challenge that another request is to answer."""
        return False

    def refused(self) -> None:
        """A 401 came: the next step as this identity signs in again."""
        self.valid = self.identity is None

    def stands(self, now_ns: Callable[[], int]) -> bool:
        """Whether it is signed in, and not expired."""
        return self.valid and (self.expires_at_ns is None or now_ns() < self.expires_at_ns)
