"""The engine's ports: what drives a verb's steps, and what an HTTP client must be able to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from wedload.engine.scope import Scope
    from wedload.engine.virtual_user import VirtualUser
    from wedload.protocols.http.response import Response
    from wedload.workload.request import Request


class Driver(Protocol):
    """Runs the steps of a verb for one virtual user."""

    async def run(self, step: Any, scope: Scope) -> bool:
        """Run a compiled step and record what became of it; whether it succeeded.

        A step with samples ends with `wedload.engine.ending`.

        Raises:
            EndIteration: what follows makes no sense.
        """

    def close(self) -> None:
        """Close its connections at once: the virtual user ends, or its next iteration is new."""


class Drivers(Protocol):
    """What the drivers of a verb share in one load process: connections, ears, caches.

    Made of the load process's `wedload.engine.context.Shared`, if its plan has such steps.
    """

    async def open(self) -> None:
        """Be ready, before set-up and load."""

    async def begin(self) -> None:
        """Be ready for the load, after set-up, with what that captured."""

    def driver(self, user: VirtualUser) -> Driver:
        """The driver of one virtual user."""

    async def close(self) -> None:
        """End everything, after clean-up."""


class HttpClient(Protocol):
    """One virtual user's HTTP client."""

    @property
    def most_at_once(self) -> int:
        """How many requests to one origin may be under way at the same time."""

    def another(self) -> HttpClient:
        """What sends a request while this one does; the same, if it can send several."""

    async def exchange(
        self,
        request: Request,
        headers: tuple[bytes, ...],
        timeout_ns: int,
        max_bytes: int,
        keep_body: bool = True,
        turn: Callable[[], Awaitable[None]] | None = None,
    ) -> Response:
        """Send a request once, with more header lines; failures are in the response.

        Without `keep_body` the response's body is read, counted and thrown away. `turn` returns
        when it may be sent: asked once there is a connection, or there could be none.

        Raises:
            Interrupted: cancelled before there was a response.
        """

    def close(self) -> None:
        """Close its connections at once."""


class HttpClients(Protocol):
    """What the HTTP clients of one load process share."""

    def client(self) -> HttpClient:
        """A client for one virtual user."""

    async def close(self) -> None:
        """Close every connection."""


class Remember(Protocol):
    """Who is told what was captured, so that no text shows it."""

    def __call__(self, variables: Mapping[str, Any], *, signing_in: bool = ...) -> None:
        """Keep these out of texts; `signing_in`: they are tokens, whatever they are called."""
