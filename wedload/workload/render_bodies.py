"""Rendering bodies: text, JSON, forms, files. See `wedload.workload.render_parts`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

import orjson

from wedload.plan.bodies import FilePart
from wedload.plan.expressions.template import Template
from wedload.workload.render_parts import (
    Part,
    each_part,
    form_value,
    joined,
    quoted_plus,
    rendered,
    value_of,
)
from wedload.workload.request import FileContent, StreamedBody

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wedload.plan.bodies import Attachment, Parts
    from wedload.plan.expressions.expression import Scope
    from wedload.plan.expressions.template import JsonTemplate

_dumps: Final = orjson.dumps  # looked up once


def body_renderer(template: Template) -> Any:
    """A text body."""
    return joined(each_part(template, str.encode))


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
            pieces += [b'; filename="', *each_part(part.name, _quoted), b'"\r\n']
            pieces += [f"Content-Type: {part.type}\r\n\r\n".encode(), _content(files[part.file])]
        else:
            pieces += [b"\r\n\r\n", *each_part(part, str.encode)]
        pieces.append(b"\r\n")
    return _body_of([*pieces, f"--{boundary}--\r\n".encode()])


def _content(attachment: Attachment) -> bytes | FileContent:
    if attachment.content is not None:
        return attachment.content
    return FileContent(attachment.path, attachment.size_bytes)


def _body_of(pieces: list[Any]) -> Any:
    """Bytes, a function that gives bytes, or one that gives a body to be streamed."""
    if not any(isinstance(piece, FileContent) for piece in pieces):
        return joined(pieces)
    runs: list[Any] = []  # what is between two files is rendered in one
    between: list[Any] = []
    for piece in pieces:
        if isinstance(piece, FileContent):
            runs += [joined(between), piece]
            between = []
        else:
            between.append(piece)
    runs.append(joined(between))

    def render(scope: Scope) -> StreamedBody:
        return StreamedBody(
            tuple(run if isinstance(run, FileContent) else rendered(run, scope) for run in runs)
        )

    return render


def _quoted(text: str) -> bytes:
    return text.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22").encode()


def form_renderer(fields: Sequence[tuple[str, Template]]) -> Any:
    """A body of application/x-www-form-urlencoded."""
    parts: list[Any] = []
    for number, (name, template) in enumerate(fields):
        parts.append(f"{'&' if number else ''}{quote_plus(name)}=".encode())
        parts += each_part(template, form_value, quoted_plus)
    return joined(parts)


class _JsonSlot(Part):
    """A value in a JSON body."""

    def __init__(self, get: Callable[[Scope], Any]) -> None:
        self._get = get

    def render(self, scope: Scope) -> bytes:
        """The value, serialised."""
        return _dumps(self._get(scope))


def json_renderer(template: JsonTemplate) -> Any:
    """A JSON body: constants are serialised now, slots when the request is rendered."""
    parts: list[Any] = []
    _json_parts(template.value, parts)
    return joined(parts)


def _json_parts(value: Any, parts: list[Any]) -> None:
    if isinstance(value, Template):
        parts.append(_JsonSlot(value_of(value)))
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
