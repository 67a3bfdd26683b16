"""Redirects: which request follows a 3xx response. Pure.

Source: RFC 9110 section 15.4; POST becomes GET on 301, 302 and 303, as browsers do.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urljoin

from wedload.workload.request import AS_IS, Request, split_url

STATUS: Final = frozenset({301, 302, 303, 307, 308})
_SENSITIVE: Final = (b"authorization:", b"proxy-authorization:", b"cookie:")


class RedirectError(ValueError):
    """A redirect that leads nowhere."""


def next_request(request: Request, status: int, location: str | None) -> Request:
    """The request that follows.

    Credentials do not go to another origin.

    Raises:
        RedirectError: no Location, or not an http URL.
    """
    if location is None:
        raise RedirectError(f"status {status} without a Location header")
    try:
        # a Location in raw UTF-8 came as Latin-1, as headers do: escape its bytes
        location = quote(location.encode("latin-1", "replace"), safe=AS_IS)
        url = urljoin(f"{request.origin}{request.target.decode('latin-1')}", location)
        origin, target = split_url(url)
    except ValueError as error:  # of urljoin, or an InvalidUrlError
        raise RedirectError(f"Location {location!r}: {error}") from None
    method, body, headers = request.method, request.body, request.headers
    if status == 303 or (status in {301, 302} and method == "POST"):
        method = method if method == "HEAD" else "GET"
        headers = _without(headers, (b"content-type:",)) if body is not None else headers
        body = None
    if origin != request.origin:
        headers = _without(headers, _SENSITIVE)
    return Request(origin, method, target, headers, body)


def _without(headers: bytes, names: tuple[bytes, ...]) -> bytes:
    lines = headers.split(b"\r\n")[:-1]
    return b"".join(line + b"\r\n" for line in lines if not line.lower().startswith(names))
