"""Pictures that are sent in several requests: each is bounded, and sent again alone if it must be.

What one request is refused for does not keep the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wedload.export.port import ExportError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from wedload.export.endpoint import Endpoint
    from wedload.export.model import Picture


class Parts:
    """Those of the picture that is being sent."""

    def __init__(
        self,
        requests: Callable[[Picture], Iterator[bytes]],
        post: Callable[[bytes], Awaitable[None]],
    ) -> None:
        """`requests` makes those of a picture; `post` sends one, or raises `ExportError`."""
        self._requests = requests
        self._post = post
        self._picture: Picture | None = None
        self._left: Iterator[bytes] = iter(())
        self._request: bytes | None = None  # the one that has not arrived

    async def send(self, picture: Picture) -> None:
        """Send a picture, or, if it is the one before again, what is left of it.

        Raises:
            ExportError: something of it did not arrive.
        """
        if picture is not self._picture:
            self._picture, self._request = picture, None
            self._left = self._requests(picture)
        refused: ExportError | None = None
        while (request := self._request or next(self._left, None)) is not None:
            self._request = request
            try:
                await self._post(request)
            except ExportError as error:
                if not error.lasting:
                    raise
                refused = error
            self._request = None
        if refused is not None:
            raise refused


class SentInParts:
    """What exporters that send so have in common; each has a name, and posts in its own way."""

    def __init__(self, endpoint: Endpoint, requests: Callable[[Picture], Iterator[bytes]]) -> None:
        """`requests` makes those of a picture."""
        self._endpoint = endpoint
        self._parts = Parts(requests, self._post)

    @property
    def to(self) -> str:
        """Where to."""
        return self._endpoint.shown

    async def open(self) -> None:
        """Nothing is to be made ready: the first picture says what is wrong."""

    async def send(self, picture: Picture) -> None:
        """Send it, or what is left of it; what was refused of it is said, and not sent again."""
        await self._parts.send(picture)

    async def close(self) -> None:
        """Close its connections."""
        await self._endpoint.close()

    async def _post(self, request: bytes) -> None:
        """Send one request; raises `ExportError`."""
        raise NotImplementedError
