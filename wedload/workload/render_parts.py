"""The parts that renderers are made of: constants as bytes, and functions for what varies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, quote_plus

from wedload.plan.expressions.expression import text_of as any_text_of
from wedload.plan.expressions.template import Template

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wedload.plan.expressions.expression import Scope

#: what stands for itself in a URL (RFC 3986 section 2.3)
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]*")

_MOST_INT: Final = 1 << 53  # there are larger ones in JSON, but not for everybody


class RenderError(ValueError):
    """A value that cannot stand where the plan puts it."""


class Part:
    """A piece of a request that varies: gives its bytes in a scope.

    Parts are classes and no closures, since compiled code calls a method of a class that it knows
    several times as fast as a function that it does not know.
    """

    def render(self, scope: Scope) -> bytes:
        """Its bytes."""
        raise NotImplementedError

    def __call__(self, scope: Scope) -> bytes:
        """The same, for whoever takes any function."""
        return self.render(scope)


class Joined(Part):
    """Constants, parts and functions, one after the other."""

    def __init__(self, parts: list[Any]) -> None:
        self.parts = parts

    def render(self, scope: Scope) -> bytes:
        """The bytes of all of them."""
        return b"".join([rendered(part, scope) for part in self.parts])


class Slot(Part):
    """A value's text, encoded as its place asks for."""

    def __init__(self, evaluate: Callable[[Scope], Any], encode: Callable[[str], bytes]) -> None:
        self._evaluate = evaluate
        self._encode = encode

    def render(self, scope: Scope) -> bytes:
        """The bytes of the value."""
        text = text_of(self._evaluate(scope))
        encoded = text.encode()
        # ASCII letters, digits and - stand for themselves anywhere: numbers, names, UUIDs
        if len(encoded) == len(text) and text.replace("-", "").isalnum():
            return encoded
        return self._encode(text)


class Text:
    """A template's text."""

    def __init__(self, template: Template) -> None:
        self._parts = [part if isinstance(part, str) else part.evaluate for part in template.parts]

    def __call__(self, scope: Scope) -> str:
        """The text in a scope."""
        return "".join(
            [part if isinstance(part, str) else text_of(part(scope)) for part in self._parts]
        )


def rendered(part: Any, scope: Scope) -> Any:
    """What a part is in a scope: a constant is itself."""
    if type(part) is bytes:
        return part
    if isinstance(part, Part):
        return part.render(scope)
    return part(scope)


def text_of(value: Any) -> str:
    """A value's text, as expressions have it; mostly it is one, or a number that JSON spells so."""
    if type(value) is str:
        return value
    if type(value) is int and -_MOST_INT < value < _MOST_INT:
        return str(value)
    return any_text_of(value)


def value_of(template: Template) -> Callable[[Scope], Any]:
    """A function that gives a template's value: typed if it is one whole `${…}`, else text."""
    whole = template.whole
    if whole is not None:
        return whole.evaluate
    return Text(template)


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
    """One piece of bytes if nothing varies, else what renders; adjacent constants become one."""
    merged: list[Any] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Joined) else (part,):
            if isinstance(piece, bytes) and merged and isinstance(merged[-1], bytes):
                merged[-1] += piece
            else:
                merged.append(piece)
    if not merged:
        return b""
    return merged[0] if len(merged) == 1 else Joined(merged)


def each_part(
    template: Template,
    encode: Callable[[str], bytes],
    constant: Callable[[str], bytes] | None = None,
) -> list[Any]:
    """The parts of a template: constants are encoded (by `constant`) now, values when known."""
    now = constant or encode
    return [
        now(one) if isinstance(one, str) else Slot(one.evaluate, encode) for one in template.parts
    ]


def percent(text: str) -> bytes:
    """A value in a path or a query."""
    if _UNRESERVED.fullmatch(text):  # five times as fast
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
