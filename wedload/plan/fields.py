"""The kinds of values that a plan's keys have, each with its parser.

The model is plain dataclasses; a field says `Annotated[int, Parsed(parse_duration_ns)]`, and
pydantic, which only the reader of plans imports, finds the parser there. Load processes get
the finished model and never import pydantic.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field
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
    type_name,
)  # fmt: skip
from wedload.plan.expressions.template import JsonTemplate, Template
from wedload.plan.rate import Rate, parse_target
from wedload.units import parse_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_T = TypeVar("_T")

# read by pydantic of each table: unknown keys are errors, and "100" is not a number
STRICT: Final = {"extra": "forbid", "strict": True}

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Parsed:
    """A marker for `Annotated`: the field's value is what `parse` makes of the TOML value.

    `parse` raises ValueError with a message for the plan's author; `json_type` is what an editor
    is told to expect.
    """

    parse: Callable[[Any], Any]
    json_schema: tuple[tuple[str, Any], ...] = field(default=(("type", "string"),), hash=False)

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema  # noqa: PLC0415 - see the module's docstring

        return core_schema.no_info_plain_validator_function(self.parse)

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> dict[str, Any]:
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in self.json_schema
        }


class FieldError(ValueError):
    """Several things wrong within one field, each with its path below the field."""

    def __init__(self, found: Sequence[tuple[tuple[str | int, ...], str]]) -> None:
        super().__init__("; ".join(message for _, message in found))
        self.found = tuple(found)


@dataclass(frozen=True, slots=True)
class RequestLine:
    """`POST /api/forms/${form_id}`: a method and a URL, absolute or under the target's base URL."""

    method: str
    url: Template

    @staticmethod
    def parse(value: Any) -> RequestLine:
        """Read a request line; raises ValueError."""
        text = _text(value)
        method, _, url = text.strip().partition(" ")
        if method not in METHODS:
            raise ValueError(
                f"{text!r} does not start with a method{suggest(method.upper(), METHODS)}"
                " (write: GET /path)"
            )
        url = url.strip()
        if not url.startswith(("/", "http://", "https://", "${")):
            raise ValueError(f"{text!r}: a URL starts with / or http:// or https://")
        template = Template.parse(url)
        if any(
            isinstance(part, str) and re.search(r"[\x00-\x20\x7f]", part) for part in template.parts
        ):
            raise ValueError(
                f"{text!r}: a URL has no spaces; write %20, or put the value into query"
            )
        if any(isinstance(part, str) and "#" in part for part in template.parts):
            raise ValueError(f"{text!r}: what follows a # is never sent; leave it out")
        return RequestLine(method, template)


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


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"expected text in quotes, found {type_name(value)}")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def _each(
    items: Iterable[tuple[str | int, Any]], parse: Callable[[Any, Any], _T]
) -> tuple[_T, ...]:
    """Parse every item; what is wrong with some of them is said at once, each with its key."""
    parsed: list[_T] = []
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    for key, item in items:
        try:
            parsed.append(parse(key, item))
        except FieldError as error:
            wrong.extend(((key, *path), message) for path, message in error.found)
        except ValueError as error:
            wrong.append(((key,), str(error)))
    if wrong:
        raise FieldError(wrong)
    return tuple(parsed)


def _table(value: Any, example: str) -> Iterable[tuple[str, Any]]:
    if not isinstance(value, dict):
        raise ValueError(f"expected {example}, found {type_name(value)}")  # noqa: TRY004 - as above
    return value.items()


def _checks(value: Any) -> tuple[Check, ...]:
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        checks = _each(enumerate(value), lambda _, item: _check(item, item))
    elif isinstance(value, dict):
        checks = _each(value.items(), _check)
    else:
        raise ValueError('expected a list of expressions, or { "name" = "expression" }')  # noqa: TRY004
    names = [check.name for check in checks]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(f"the check {twice!r} is given twice")
    return checks


def _check(name: Any, source: Any) -> Check:
    return Check(_text(name), Expression.parse(_text(source)))


_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TAKEN: Final = (
    RESPONSE_NAMES | VU_NAMES | NAMESPACES | FUNCTIONS.keys() | {"true", "false", "null"}
)


def _bindings(parse: Callable[[Any], _T]) -> Callable[[Any], tuple[tuple[str, _T], ...]]:
    def binding(name: str, item: Any) -> tuple[str, _T]:
        check_variable_name(name)
        return name, parse(item)

    return lambda value: _each(_table(value, '{ name = "…" }'), binding)


def check_variable_name(name: str) -> None:
    """Raise ValueError if no variable can have this name."""
    if _IDENTIFIER.fullmatch(name) is None or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is not a name; use letters, digits and _, a letter first")
    if name in _TAKEN:
        raise ValueError(f"{name!r} has a meaning in expressions already; choose another name")


def _expression(value: Any) -> Expression:
    return Expression.parse(_text(value))


def _captured(value: Any) -> Expression:
    expression = _expression(value)
    require_no_duration(expression)
    return expression


def _json(value: Any) -> JsonTemplate:
    """A JSON value with templates; every string that is wrong in it is reported by its path."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        _each(items, lambda _, item: _json(item))
    return JsonTemplate.parse(value)


def _headers(value: Any) -> tuple[tuple[str, Template], ...]:
    return _each(_table(value, '{ Name = "value" }'), _header)


def _header(name: str, item: Any) -> tuple[str, Template]:
    if re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) is None:
        raise ValueError(f"{name!r} is not the name of a header")
    text = _text(item)
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", text):
        raise ValueError(f"the header {name} holds a line break or a control character")
    return name, Template.parse(text)


_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(B|kB|MB|GB)\s*")
_SIZE_UNITS: Final = {"B": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}


def parse_size_bytes(value: Any) -> int:
    """Read `64MB` as bytes; raises ValueError."""
    match = _SIZE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is not a size; write 512kB or 64MB")
    return round(float(match[1]) * _SIZE_UNITS[match[2]])


def _positive_duration(value: Any) -> int:
    duration_ns = parse_duration_ns(value)
    if duration_ns == 0:
        raise ValueError("must be longer than 0s")
    return duration_ns


def _template_map(value: Any) -> tuple[tuple[str, Template], ...]:
    return _each(
        _table(value, '{ name = "value" }'),
        lambda name, item: (name, Template.parse(_scalar(item))),
    )


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return _text(value)


DurationNs = Annotated[int, Parsed(parse_duration_ns)]
PositiveDurationNs = Annotated[int, Parsed(_positive_duration)]
ArrivalRate = Annotated[Rate, Parsed(Rate.parse, (("type", ("number", "string")),))]
StageTarget = Annotated[int | Rate, Parsed(parse_target, (("type", ("number", "string")),))]
SizeBytes = Annotated[int, Parsed(parse_size_bytes)]
TimeDistribution = Annotated[Distribution, Parsed(Distribution.parse)]
RequestLineField = Annotated[RequestLine, Parsed(RequestLine.parse)]
TextTemplate = Annotated[Template, Parsed(lambda value: Template.parse(_text(value)))]
JsonField = Annotated[JsonTemplate, Parsed(_json, ())]
ExpressionField = Annotated[Expression, Parsed(_expression)]
StatusField = Annotated[
    StatusSet, Parsed(StatusSet.parse, (("type", ["array", "integer", "string"]),))
]
Checks = Annotated[tuple[Check, ...], Parsed(_checks, (("type", ["array", "object", "string"]),))]
Headers = Annotated[tuple[tuple[str, Template], ...], Parsed(_headers, (("type", "object"),))]
Fields = Annotated[tuple[tuple[str, Template], ...], Parsed(_template_map, (("type", "object"),))]
Captures = Annotated[
    tuple[tuple[str, Expression], ...],
    Parsed(_bindings(_captured), (("type", "object"),)),
]
Bindings = Annotated[
    tuple[tuple[str, JsonTemplate], ...],
    Parsed(_bindings(_json), (("type", "object"),)),
]
