"""The ways to fail: an answer that a client caused, options that are wrong, a failed start.

Knows no HTTP library and no database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ApiError(Exception):
    """An answer other than success, raised anywhere below a handler (also in a transaction)."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = dict(fields or {})
        self.headers = dict(headers or {})


def invalid(fields: Mapping[str, str]) -> ApiError:
    """422, naming each wrong field and what is wrong with it."""
    return ApiError(422, "invalid", "Some fields are not valid: " + ", ".join(fields), fields)


def not_found(what: str) -> ApiError:
    """404 for a thing that does not exist (any more)."""
    return ApiError(404, "not_found", f"There is no such {what}.")


def unauthorized(message: str) -> ApiError:
    """401: not signed in (any more)."""
    return ApiError(
        401, "unauthorized", message, headers={"WWW-Authenticate": 'Bearer realm="sandbox"'}
    )


def forbidden(message: str) -> ApiError:
    """403: signed in, but not allowed to do this."""
    return ApiError(403, "forbidden", message)


class OptionError(Exception):
    """The server is asked for what there is not; the message says what there is."""


class StartError(Exception):
    """The server cannot start; the message is one line, with the remedy."""
