"""The engine's port to HTTP: what a client must be able to do. The wire client is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from wedload.protocols.http.response import Response
    from wedload.workload.request import Request


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
    ) -> Response:
        """Send a request once, with more header lines; failures are in the response.

        Without `keep_body` the response's body is read, counted and thrown away.
        """

    def close(self) -> None:
        """Close its connections at once."""
