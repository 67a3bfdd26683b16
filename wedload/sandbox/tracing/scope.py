"""What parts of the platform tell of a request that is traced. Knows no OpenTelemetry.

Few requests are traced. For all others there is no scope here, and nothing is done.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: `internal`: our own work, or waiting; `client`: somebody else was asked
Kind = Literal["internal", "client"]

# Spans have Unix times. Those of one server are all on one clock that nobody sets.
_UNIX_NS: Final = time.time_ns() - time.perf_counter_ns()


def now_ns() -> int:
    """The Unix time in ns, as spans have it; it never goes backwards."""
    return _UNIX_NS + time.perf_counter_ns()


@dataclass(frozen=True, slots=True)
class Happened:
    """Something within a request that is over; `peer` is who was asked, `error` what was wrong."""

    name: str
    kind: Kind
    begin_ns: int
    end_ns: int
    peer: str | None = None
    error: str | None = None


class Asking(Protocol):
    """Somebody else is being asked."""

    @property
    def traceparent(self) -> str:
        """The header that says whose child the asked one's work is."""

    def end(self, error: str | None = None) -> None:
        """It is over."""


class Scope(Protocol):
    """A request, or a part of its work, that is traced; to be told of from the event loop."""

    @property
    def over(self) -> bool:
        """Whether it has ended; what was begun within it may still go on."""

    def add(self, happened: Happened) -> None:
        """Something within it is over."""

    def ask(self, name: str, peer: str) -> Asking:
        """Somebody else is asked from now on."""

    def follow(self, name: str, others: Sequence[Scope] = ()) -> Scope:
        """Work that it has set in motion, for itself and others, begins now."""

    def end(self, error: str | None = None) -> None:
        """It is over."""


_SCOPE: ContextVar[Scope | None] = ContextVar("scope", default=None)


def scope_now() -> Scope | None:
    """The request that is traced and that we are in, if there is one."""
    scope = _SCOPE.get()
    # A task that a request has started goes on with its scope: that is not the request any more.
    return None if scope is None or scope.over else scope


@contextmanager
def within(scope: Scope) -> Iterator[None]:
    """Everything in here belongs to the scope; it does not end it."""
    token = _SCOPE.set(scope)
    try:
        yield
    finally:
        _SCOPE.reset(token)


@contextmanager
def part(name: str, kind: Kind = "internal", peer: str | None = None) -> Iterator[None]:
    """Everything in here is one part of the request, if that is traced."""
    scope = scope_now()
    if scope is None:
        yield
        return
    begin_ns, error = now_ns(), None
    try:
        yield
    except BaseException as caught:
        error = type(caught).__name__
        raise
    finally:
        scope.add(Happened(name, kind, begin_ns, now_ns(), peer, error))
