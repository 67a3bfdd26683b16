"""Errors as Google's JSON APIs word them. Pure.

Source: https://developers.google.com/workspace/calendar/api/guides/errors.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from wedload.simulators.service import Reply, json_reply

if TYPE_CHECKING:
    from wedload.simulators.attempt import AttemptOutcome
    from wedload.simulators.service import QuotaScope

_QUOTA: Final[dict[QuotaScope, tuple[str, str]]] = {
    "all": ("rateLimitExceeded", "Rate Limit Exceeded"),
    "user": ("userRateLimitExceeded", "User Rate Limit Exceeded"),
}


def google_error(
    status: int,
    reason: str,
    message: str,
    *,
    domain: str = "global",
    location: tuple[str, str] | None = None,
    outcome: AttemptOutcome = "wrong",
) -> Reply:
    """An error; `location`: of what kind the culprit is, and its name."""
    one: dict[str, Any] = {"domain": domain, "reason": reason, "message": message}
    if location is not None:
        one["locationType"], one["location"] = location
    content = {"error": {"errors": [one], "code": status, "message": message}}
    return json_reply(status, content, outcome=outcome)


def over_quota(scope: QuotaScope, status: int) -> Reply:
    """A refusal over a quota."""
    reason, message = _QUOTA[scope]
    return google_error(status, reason, message, domain="usageLimits", outcome="quota")


def backend_error(status: int) -> Reply:
    """An error that is not the client's."""
    try:
        message = HTTPStatus(status).phrase
    except ValueError:
        message = "Backend Error"
    return google_error(status, "backendError", message, outcome="error")


def not_found() -> Reply:
    """What was asked for is not there."""
    return google_error(404, "notFound", "Not Found")


def gone() -> Reply:
    """What was asked for has been deleted."""
    return google_error(410, "deleted", "Resource has been deleted")


def not_signed_in() -> Reply:
    """No token was shown."""
    return google_error(
        401, "authError", "Invalid Credentials", location=("header", "Authorization")
    )


def bad_request(reason: str, message: str, *, parameter: str = "", domain: str = "global") -> Reply:
    """What was asked for makes no sense."""
    location = ("parameter", parameter) if parameter else None
    return google_error(400, reason, message, domain=domain, location=location)
