"""Arms faults and ends them, for whoever has the token; for others there is no such path."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Final

from aiohttp import web

from ..call import Call, answer
from ..errors import ApiError
from ..validation import json_object
from .timeline import check_faults

if TYPE_CHECKING:
    from .outage import Outage
    from .timeline import Faults

HEADER: Final = "X-Sandbox-Token"


class Control:
    """Who may, and what they do it to; without a token nobody may."""

    def __init__(self, token: str | None, faults: Faults, outage: Outage) -> None:
        self._token = token
        self.faults = faults
        self.outage = outage

    def admit(self, given: str | None) -> None:
        """Let whoever has the token pass.

        Raises:
            ApiError: 404, there is no token; 401, it is another.
        """
        if self._token is None:
            raise ApiError(404, "not_found", "There is no such path.")
        sent = (given or "").encode(errors="surrogateescape")
        if not compare_digest(sent, self._token.encode()):
            message = f"Send WEDLOAD_SANDBOX_TOKEN's value as {HEADER}."
            raise ApiError(401, "unauthorized", message)


async def arm(call: Call) -> web.Response:
    """`POST /_sandbox/faults`: these faults from now on, in place of all others."""
    control = call.platform.faults
    control.admit(call.request.headers.get(HEADER))
    faults = check_faults(json_object(await call.json()))
    control.faults.arm(faults)
    control.outage.plan()
    return answer(200, {"armed": len(faults)})


async def disarm(call: Call) -> web.Response:
    """`DELETE /_sandbox/faults`: no faults any more."""
    control = call.platform.faults
    control.admit(call.request.headers.get(HEADER))
    control.faults.disarm()
    control.outage.plan()
    return web.Response(status=204)
