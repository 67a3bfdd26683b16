"""What a request to the API suffers before it reaches its handler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ApiError
from ..slow import linger

if TYPE_CHECKING:
    from aiohttp import web

    from .timeline import Faults


async def suffer(request: web.Request, faults: Faults) -> None:
    """Hold it up, refuse it, or cut its connection, if that is what the faults in force do.

    Raises:
        ApiError: it is refused; where the connection was cut, nobody gets to know.
    """
    hit = faults.hit("api")
    if hit is None:
        return
    await linger(hit.late_s)
    if hit.down:
        if request.transport is not None:
            request.transport.abort()
        raise ApiError(503, "fault", "A fault has the API down.")
    if hit.status is not None:
        raise ApiError(hit.status, "fault", "A fault answers this.")
