"""Who may open a connection: whoever has one of the platform's keys, or is signed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ApiError

if TYPE_CHECKING:
    from aiohttp import web

    from ..auth import Sessions


def admit(request: web.Request, sessions: Sessions) -> str:
    """The key or token that the request shows: `?apikey=`, an `apikey` header, or a bearer token.

    Raises:
        ApiError: 401, it shows none, or one that is not valid.
    """
    shown = request.query.get("apikey") or request.headers.get("apikey")
    if not shown:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        shown = token.strip() if scheme.lower() == "bearer" else ""
    if not shown:
        raise _unauthorized("Give one of the sandbox's keys, or a token, as ?apikey=….")
    if not (sessions.is_key(shown) or sessions.holder(shown)):
        raise _unauthorized("The apikey is none of the sandbox's keys, and no valid token.")
    return shown


def speaks_for_somebody(request: web.Request, sessions: Sessions) -> bool:
    """Whether the bearer token, or else the apikey, is that of somebody signed in."""
    bearer = request.headers.get("Authorization", "").partition(" ")[2].strip()
    shown = request.query.get("apikey") or request.headers.get("apikey") or ""
    return any(sessions.holder(each) is not None for each in (bearer, shown))


def _unauthorized(message: str) -> ApiError:
    return ApiError(401, "unauthorized", message)
