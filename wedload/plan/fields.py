"""The kinds of values that a plan's keys have, each with its parser."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from wedload.plan.distribution import Distribution
from wedload.plan.expressions.expression import (
    FUNCTIONS,
    NAMESPACES,
    RESPONSE_NAMES,
    VU_NAMES,
    Expression,
    require_no_duration,
    suggest,
)  # fmt: skip
from wedload.plan.expressions.template import JsonTemplate, Template
from wedload.plan.parsing import Parsed, each, positive_duration, scalar, table_in, text_in
from wedload.plan.rate import Rate, parse_target
from wedload.units import parse_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

# read by pydantic of each table: unknown keys are errors, and "100" is not a number
STRICT: Final = {"extra": "forbid", "strict": True}

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """`POST /api/forms/${form_id}`: a method and a URL, absolute or under the target's base URL."""

    method: str
    url: Template

    @staticmethod
    def parse(value: Any) -> RequestLine:
        """Read a request line; raises ValueError."""
        text = text_in(value)
        method, _, url = text.strip().partition(" ")
        if method not in METHODS:
            raise ValueError(
                f"{text!r} does not start with a method{suggest(method.upper(), METHODS)}"
                " (write: GET /path)"
            )
        return RequestLine(method, _url(text, url.strip(), ("http://", "https://")))


def _url(text: str, url: str, starts: tuple[str, str]) -> Template:
    """A URL, absolute or under the target's base URL; `text` is what messages quote."""
    if not url.startswith(("/", *starts, "${")):
        raise ValueError(f"{text!r}: a URL starts with / or {' or '.join(starts)}")
    template = Template.parse(url)
    literals = [part for part in template.parts if isinstance(part, str)]
    if any(re.search(r"[\x00-\x20\x7f]", part) for part in literals):
        raise ValueError(f"{text!r}: a URL has no spaces; write %20, or put the value into query")
    if any("#" in part for part in literals):
        raise ValueError(f"{text!r}: what follows a # is never sent; leave it out")
    return template


def _websocket_url(value: Any) -> Template:
    text = text_in(value)
    url = text.strip()
    method, _, rest = url.partition(" ")
    if method in METHODS:
        raise ValueError(f"{text!r}: a WebSocket is opened without a method; write {rest.strip()}")
    if url.startswith(("http://", "https://")):
        meant = f"ws{url.removeprefix('http')}"
        raise ValueError(f"{text!r} is a URL of requests; a WebSocket's is {meant}")
    return _url(text, url, ("ws://", "wss://"))


@dataclass(frozen=True, slots=True)
class Check:
    """A named expression that must hold for a response."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class StatusSet:
    """The status codes that a step expects: `["2xx", 404]`."""

    source: tuple[str, ...]
    codes: frozenset[int]

    @staticmethod
    def parse(value: Any) -> StatusSet:
        """Read one or several codes or classes; raises ValueError."""
        items = value if isinstance(value, list) else [value]
        codes: set[int] = set()
        for item in items:
            text = str(item)
            if re.fullmatch(r"[1-5]xx", text):
                first = int(text[0]) * 100
                codes.update(range(first, first + 100))
            elif re.fullmatch(r"[1-5]\d\d", text):
                codes.add(int(text))
            else:
                raise ValueError(f'{item!r} is not a status code or class; write 404 or "2xx"')
        return StatusSet(tuple(map(str, items)), frozenset(codes))


EXPECTED_STATUS: Final = StatusSet(("2xx", "3xx"), frozenset(range(200, 400)))


def _checks(value: Any) -> tuple[Check, ...]:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        checks = each(enumerate(value), lambda _, item: _check(item, item))
    elif isinstance(value, dict):
        checks = each(value.items(), _check)
    else:
        raise ValueError('expected a list of expressions, or { "name" = "expression" }')  # noqa: TRY004 - pydantic collects ValueErrors
    names = [check.name for check in checks]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"the check {twice!r} is given twice")
    return checks


def _check(name: Any, source: Any) -> Check:
    return Check(text_in(name), Expression.parse(text_in(source)))


_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TAKEN: Final = (
    RESPONSE_NAMES | VU_NAMES | NAMESPACES | FUNCTIONS.keys() | {"true", "false", "null"}
)


def _bindings(parse: Callable[[Any], _T]) -> Callable[[Any], tuple[tuple[str, _T], ...]]:
    def binding(name: str, item: Any) -> tuple[str, _T]:
        check_variable_name(name)
        return name, parse(item)

    return lambda value: each(table_in(value, '{ name = "…" }'), binding)


def check_variable_name(name: str) -> None:
    """Raise ValueError if no variable can have this name."""
    if _IDENTIFIER.fullmatch(name) is None or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is not a name; use letters, digits and _, a letter first")
    if name in _TAKEN:
        raise ValueError(f"{name!r} has a meaning in expressions already; choose another name")


def _expression(value: Any) -> Expression:
    return Expression.parse(text_in(value))


def _captured(value: Any) -> Expression:
    expression = _expression(value)
    require_no_duration(expression)
    return expression


def parse_json(value: Any) -> JsonTemplate:
    """A JSON value with templates; every string that is wrong in it is reported by its path."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        each(items, lambda _, item: parse_json(item))
    return JsonTemplate.parse(value)


_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_HEADERS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def is_header_name(name: str) -> bool:
    """Whether a header can be called so."""
    return _HEADER_NAME.fullmatch(name) is not None


def _require_header(name: str, value: str) -> None:
    if not is_header_name(name):
        raise ValueError(f"{name!r} is not the name of a header")
    if _NOT_IN_HEADERS.search(value):
        raise ValueError(f"the header {name} holds a line break or a control character")


#: what a request says of where it goes and where it ends is made of its URL and its body: a second
#: `Host` leads to another site of the same address, and a second length makes two requests of one
_MADE: Final = {
    "host": "names the host of the URL; write that one into the URL, and in `hosts` where it is",
    "content-length": "is told by the body itself",
    "transfer-encoding": "is told by the body itself",
}


def require_request_header(name: str, value: str) -> None:
    """Pass if this can be a header, and none that each request has by itself; raises ValueError."""
    if (why := _MADE.get(name.lower())) is not None:
        raise ValueError(f"the header {name} {why}; take it out")
    _require_header(name, value)


def _headers(value: Any) -> tuple[tuple[str, Template], ...]:
    return each(table_in(value, '{ Name = "value" }'), _request_header)


def _answer_headers(value: Any) -> tuple[tuple[str, Template], ...]:
    return each(table_in(value, '{ Name = "value" }'), _header)


def _request_header(name: str, item: Any) -> tuple[str, Template]:
    text = text_in(item)
    require_request_header(name, text)
    return name, Template.parse(text)


def _header(name: str, item: Any) -> tuple[str, Template]:
    text = text_in(item)
    _require_header(name, text)
    return name, Template.parse(text)


_SIZE = re.compile(r"\s*([0-9]{1,15}(?:\.[0-9]{1,15})?)\s*(B|kB|MB|GB)\s*")  # always fits
_SIZE_UNITS: Final = {"B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def parse_size_bytes(value: Any) -> int:
    """Read `64MB` as bytes; raises ValueError."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a size; write 512kB or 64MB")
    return round(float(match[1]) * _SIZE_UNITS[match[2]])


def _template_map(value: Any) -> tuple[tuple[str, Template], ...]:
    return each(
        table_in(value, '{ name = "value" }'),
        lambda name, item: (name, Template.parse(scalar(item))),
    )


DurationNs = Annotated[int, Parsed(parse_duration_ns)]
PositiveDurationNs = Annotated[int, Parsed(positive_duration)]
ArrivalRate = Annotated[Rate, Parsed(Rate.parse, (("type", ("number", "string")),))]
StageTarget = Annotated[int | Rate, Parsed(parse_target, (("type", ("number", "string")),))]
SizeBytes = Annotated[int, Parsed(parse_size_bytes)]
TimeDistribution = Annotated[Distribution, Parsed(Distribution.parse)]
WebSocketUrl = Annotated[Template, Parsed(_websocket_url)]
RequestLineField = Annotated[RequestLine, Parsed(RequestLine.parse)]
TextTemplate = Annotated[Template, Parsed(lambda value: Template.parse(text_in(value)))]
JsonField = Annotated[JsonTemplate, Parsed(parse_json, ())]
ExpressionField = Annotated[Expression, Parsed(_expression)]
StatusField = Annotated[
    StatusSet, Parsed(StatusSet.parse, (("type", ["array", "integer", "string"]),))
]
Checks = Annotated[tuple[Check, ...], Parsed(_checks, (("type", ["array", "object", "string"]),))]
Headers = Annotated[tuple[tuple[str, Template], ...], Parsed(_headers, (("type", "object"),))]
AnswerHeaders = Annotated[
    tuple[tuple[str, Template], ...], Parsed(_answer_headers, (("type", "object"),))
]
Fields = Annotated[tuple[tuple[str, Template], ...], Parsed(_template_map, (("type", "object"),))]
Captures = Annotated[
    tuple[tuple[str, Expression], ...],
    Parsed(_bindings(_captured), (("type", "object"),)),
]
Bindings = Annotated[
    tuple[tuple[str, JsonTemplate], ...],
    Parsed(_bindings(parse_json), (("type", "object"),)),
]
