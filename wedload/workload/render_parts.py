"""The parts that renderers are made of: constants as bytes, and functions for what varies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

from wedload.plan.expressions.expression import text_of
from wedload.plan.expressions.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.plan.expressions.expression import Expression, Scope

#: what stands for itself in a URL (RFC 3986 section 2.3)
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]*")


class RenderError(ValueError):
    """A value that cannot stand where the plan puts it."""


def value_of(template: Template) -> Callable[[Scope], Any]:
    """A function that gives a template's value: typed if it is one whole `${…}`, else text."""
    whole = template.whole
    if whole is not None:
        return whole.evaluate
    return text_renderer(template)


def text_renderer(template: Template) -> Callable[[Scope], str]:
    """A function that gives a template's text."""
    parts = [part if isinstance(part, str) else part.evaluate for part in template.parts]

    def render(scope: Scope) -> str:
        return "".join([part if isinstance(part, str) else text_of(part(scope)) for part in parts])

    return render


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


def joined(parts: Sequence[Any]) -> Any:
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


def each_part(
    template: Template,
    encode: Callable[[str], bytes],
    constant: Callable[[str], bytes] | None = None,
) -> list[Any]:
    """The parts of a template: constants are encoded (by `constant`) now, values when known."""
    now = constant or encode
    return [now(one) if isinstance(one, str) else encoder(one, encode) for one in template.parts]


def encoder(expression: Expression, encode: Callable[[str], bytes]) -> Callable[[Scope], bytes]:
    """A function that gives a value's text, encoded."""
    evaluate = expression.evaluate

    def render(scope: Scope) -> bytes:
        return encode(text_of(evaluate(scope)))

    return render


def percent(text: str) -> bytes:
    """A value in a path or a query."""
    if _UNRESERVED.fullmatch(text):  # as numbers, names and UUIDs are: five times as fast
        return text.encode()
    return quote(text, safe="").encode()


def form_value(text: str) -> bytes:
    """A value in a form."""
    if _UNRESERVED.fullmatch(text):
        return text.encode()
    return quote_plus(text).encode()


def header_value(text: str) -> bytes:
    """A value in a header line."""
    if "\r" in text or "\n" in text:
        raise RenderError("a header's value holds a line break")
    return text.encode()


def quoted_plus(text: str) -> bytes:
    """A constant in a query or a form, as it stands there."""
    return quote_plus(text).encode()
