"""Rendering requests: URLs, headers, credentials. See `wedload.workload.render_parts`.

What does not vary is bytes already; what varies is a list of constant chunks and slots. Values are
percent-encoded in URLs, refused in headers if they would break out of them, and serialised in JSON.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

from wedload.workload.render_parts import (
    Slot,
    Text,
    each_part,
    header_value,
    joined,
    percent,
    quoted_plus,
    rendered,
)
from wedload.workload.request import encode_target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.plan.auth import Auth
    from wedload.plan.expressions.expression import Scope
    from wedload.plan.expressions.template import Template


def target_renderer(template: Template, query: Sequence[tuple[str, Template]] = ()) -> Any:
    """Path and query for a request line; values are percent-encoded."""
    parts = each_part(template, percent, encode_target)
    begun = any(isinstance(part, str) and "?" in part for part in template.parts)
    return joined(parts + _query_parts(query, "&" if begun else "?"))


def url_renderer(
    template: Template, query: Sequence[tuple[str, Template]] = ()
) -> Callable[[Scope], bytes]:
    """A whole URL: a value that begins it is taken as it is, one for the host may name a port."""
    parts: list[Any] = []
    before = ""
    for part in template.parts:
        if isinstance(part, str):
            parts.append(encode_target(part))
            before += part
        elif not parts:
            parts.append(Slot(part.evaluate, str.encode))
        else:
            _, scheme, rest = before.partition("://")
            in_authority = scheme and "/" not in rest
            parts.append(Slot(part.evaluate, _authority if in_authority else percent))
    url, first, further = (
        joined(part) for part in (parts, _query_parts(query, "?"), _query_parts(query, "&"))
    )

    def render(scope: Scope) -> bytes:
        begun: bytes = rendered(url, scope)
        if not query:
            return begun
        rest: bytes = rendered(further if b"?" in begun else first, scope)
        return begun + rest

    return render


def _query_parts(query: Sequence[tuple[str, Template]], separator: str) -> list[Any]:
    """Constants and slots of a query, `separator` before its first pair."""
    parts: list[Any] = []
    for name, value in query:
        parts.append(f"{separator}{quote_plus(name)}=".encode())
        parts += each_part(value, percent, quoted_plus)
        separator = "&"
    return parts


def header_renderer(name: str, template: Template) -> Any:
    """A whole header line."""
    return joined([f"{name}: ".encode(), *each_part(template, header_value, str.encode), b"\r\n"])


def auth_renderer(auth: Auth) -> Any:
    """The header line that shows credentials of the basic or bearer scheme."""
    if auth.token is not None:
        token = each_part(auth.token, header_value, str.encode)
        return joined([b"Authorization: Bearer ", *token, b"\r\n"])
    user, password = credentials_of(auth)

    def render(scope: Scope) -> bytes:
        shown = b64encode(f"{user(scope)}:{password(scope)}".encode())
        return b"Authorization: Basic %b\r\n" % shown

    return render


def credentials_of(auth: Auth) -> tuple[Callable[[Scope], str], Callable[[Scope], str]]:
    """Functions that give user and password."""
    credentials = auth.credentials
    assert credentials is not None
    user, password = credentials.user, credentials.password
    return Text(user), Text(password)


def _authority(text: str) -> bytes:
    return quote(text, safe=":[]").encode()
