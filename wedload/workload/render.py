"""Rendering: templates compiled to bytes, or to functions that give bytes.

What does not vary is bytes already; what varies is a list of constant chunks and slots. Values are
percent-encoded in URLs, refused in headers if they would break out of them, and serialised in JSON.
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

import orjson

from wedload.plan.bodies import FilePart
from wedload.plan.expressions.expression import text_of
from wedload.plan.expressions.template import Template
from wedload.workload.request import FileContent, StreamedBody, encode_target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wedload.plan.auth import Auth
    from wedload.plan.bodies import Attachment, Parts
    from wedload.plan.expressions.expression import Expression, Scope
    from wedload.plan.expressions.template import JsonTemplate

#: what stands for itself in a URL (RFC 3986 section 2.3)
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]*")


class RenderError(ValueError):
    """A value that cannot stand where the plan puts it."""


def value_of(template: Template) -> Callable[[Scope], Any]:
    """A function that gives a template's value: typed if it is one whole `${…}`, else text."""
    whole = template.whole
    if whole is not None:
        return whole.evaluate
    return lambda scope: _text(template, scope)


def _text(template: Template, scope: Scope) -> str:
    return "".join(
        part if isinstance(part, str) else text_of(part.evaluate(scope)) for part in template.parts
    )


def json_value(value: Any) -> Callable[[Scope], Any]:
    """A function that gives a JSON template's value as Python objects (for `let`)."""
    if isinstance(value, Template):
        return value_of(value)
    if isinstance(value, dict):
        items = [(key, json_value(item)) for key, item in value.items()]
        return lambda scope: {key: item(scope) for key, item in items}
    if isinstance(value, list):
        members = [json_value(item) for item in value]
        return lambda scope: [member(scope) for member in members]
    return lambda _: value


def target_renderer(template: Template, query: Sequence[tuple[str, Template]] = ()) -> Any:
    """Path and query for a request line; values are percent-encoded."""
    parts: list[Any] = [
        encode_target(part) if isinstance(part, str) else _encoder(part, _percent)
        for part in template.parts
    ]
    begun = any(isinstance(part, str) and "?" in part for part in template.parts)
    return _joined(parts + _query_parts(query, "&" if begun else "?"))


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
            parts.append(_encoder(part, str.encode))
        else:
            _, scheme, rest = before.partition("://")
            in_authority = scheme and "/" not in rest
            parts.append(_encoder(part, _authority if in_authority else _percent))
    url, first, further = (
        _joined(part) for part in (parts, _query_parts(query, "?"), _query_parts(query, "&"))
    )

    def render(scope: Scope) -> bytes:
        begun: bytes = url if type(url) is bytes else url(scope)
        if not query:
            return begun
        rest = further if b"?" in begun else first
        return begun + (rest if type(rest) is bytes else rest(scope))

    return render


def _query_parts(query: Sequence[tuple[str, Template]], separator: str) -> list[Any]:
    """Constants and slots of a query, `separator` before its first pair."""
    parts: list[Any] = []
    for name, value in query:
        parts.append(f"{separator}{quote_plus(name)}=".encode())
        parts += [
            quote_plus(part).encode() if isinstance(part, str) else _encoder(part, _percent)
            for part in value.parts
        ]
        separator = "&"
    return parts


def header_renderer(name: str, template: Template) -> Any:
    """A whole header line."""
    parts: list[Any] = [f"{name}: ".encode()]
    parts += [
        part.encode() if isinstance(part, str) else _encoder(part, _header_value)
        for part in template.parts
    ]
    return _joined([*parts, b"\r\n"])


def auth_renderer(auth: Auth) -> Any:
    """The header line that shows credentials of the basic or bearer scheme."""
    if auth.token is not None:
        token = [
            part.encode() if isinstance(part, str) else _encoder(part, _header_value)
            for part in auth.token.parts
        ]
        return _joined([b"Authorization: Bearer ", *token, b"\r\n"])
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
    return (lambda scope: _text(user, scope)), (lambda scope: _text(password, scope))


def body_renderer(template: Template) -> Any:
    """A text body."""
    return _joined(
        [
            part.encode() if isinstance(part, str) else _encoder(part, str.encode)
            for part in template.parts
        ]
    )


def attachment_renderer(attachment: Attachment) -> Any:
    """A file as it is: bytes, or a function that gives a body to be streamed."""
    return _body_of([_content(attachment)])


def multipart_renderer(parts: Parts, files: Mapping[str, Attachment], boundary: str) -> Any:
    """A body of multipart/form-data.

    Source: RFC 7578; names are escaped as browsers do (HTML, multipart form data).
    """
    pieces: list[Any] = []
    for name, part in parts:
        pieces.append(f'--{boundary}\r\nContent-Disposition: form-data; name="'.encode())
        pieces.append(_quoted(name) + b'"')
        if isinstance(part, FilePart):
            pieces += [b'; filename="', *_each_part(part.name, _quoted), b'"\r\n']
            pieces += [f"Content-Type: {part.type}\r\n\r\n".encode(), _content(files[part.file])]
        else:
            pieces += [b"\r\n\r\n", *_each_part(part, str.encode)]
        pieces.append(b"\r\n")
    return _body_of([*pieces, f"--{boundary}--\r\n".encode()])


def _each_part(template: Template, encode: Callable[[str], bytes]) -> list[Any]:
    return [
        encode(part) if isinstance(part, str) else _encoder(part, encode) for part in template.parts
    ]


def _content(attachment: Attachment) -> bytes | FileContent:
    if attachment.content is not None:
        return attachment.content
    return FileContent(attachment.path, attachment.size_bytes)


def _body_of(pieces: list[Any]) -> Any:
    """Bytes, a function that gives bytes, or one that gives a body to be streamed."""
    if not any(isinstance(piece, FileContent) for piece in pieces):
        return _joined(pieces)
    runs: list[Any] = []  # what is between two files is rendered in one
    between: list[Any] = []
    for piece in pieces:
        if isinstance(piece, FileContent):
            runs += [_joined(between), piece]
            between = []
        else:
            between.append(piece)
    runs.append(_joined(between))

    def render(scope: Scope) -> StreamedBody:
        return StreamedBody(tuple(run(scope) if callable(run) else run for run in runs))

    return render


def _quoted(text: str) -> bytes:
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22").encode()


def form_renderer(fields: Sequence[tuple[str, Template]]) -> Any:
    """A body of application/x-www-form-urlencoded."""
    parts: list[Any] = []
    for number, (name, template) in enumerate(fields):
        parts.append(f"{'&' if number else ''}{quote_plus(name)}=".encode())
        parts += [
            quote_plus(part).encode() if isinstance(part, str) else _encoder(part, _form_value)
            for part in template.parts
        ]
    return _joined(parts)


def json_renderer(template: JsonTemplate) -> Any:
    """A JSON body: constants are serialised now, slots when the request is rendered."""
    parts: list[Any] = []
    _json_parts(template.value, parts)
    return _joined(parts)


def _json_parts(value: Any, parts: list[Any]) -> None:
    if isinstance(value, Template):
        get = value_of(value)
        parts.append(lambda scope: orjson.dumps(get(scope)))
    elif isinstance(value, dict):
        parts.append(b"{")
        for number, (key, item) in enumerate(value.items()):
            parts.append((b"," if number else b"") + orjson.dumps(key) + b":")
            _json_parts(item, parts)
        parts.append(b"}")
    elif isinstance(value, list):
        parts.append(b"[")
        for number, item in enumerate(value):
            if number:
                parts.append(b",")
            _json_parts(item, parts)
        parts.append(b"]")
    else:
        parts.append(orjson.dumps(value))


def _joined(parts: list[Any]) -> Any:
    """One piece of bytes if nothing varies, else a function; adjacent constants become one."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += part
        else:
            merged.append(part)
    if not merged:
        return b""
    if len(merged) == 1:
        return merged[0]

    def render(scope: Scope) -> bytes:
        return b"".join([part if type(part) is bytes else part(scope) for part in merged])

    return render


def joined(parts: Sequence[Any]) -> Any:
    """Several renderers (bytes or functions) as one."""
    return _joined(list(parts))


def _encoder(expression: Expression, encode: Callable[[str], bytes]) -> Callable[[Scope], bytes]:
    def render(scope: Scope) -> bytes:
        return encode(text_of(expression.evaluate(scope)))

    return render


def _percent(text: str) -> bytes:
    if _UNRESERVED.fullmatch(text):  # as numbers, names and UUIDs are: five times as fast
        return text.encode()
    return quote(text, safe="").encode()


def _authority(text: str) -> bytes:
    return quote(text, safe=":[]").encode()


def _form_value(text: str) -> bytes:
    if _UNRESERVED.fullmatch(text):
        return text.encode()
    return quote_plus(text).encode()


def _header_value(text: str) -> bytes:
    if "\r" in text or "\n" in text:
        raise RenderError("a header's value holds a line break")
    return text.encode()
