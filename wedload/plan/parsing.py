"""How the values of a plan's keys are parsed, whatever they are.

The model is plain dataclasses; a field says `Annotated[int, Parsed(parse_duration_ns)]`, and
pydantic, which only the reader of plans imports, finds the parser there. Load processes get
the finished model and never import pydantic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from wedload.plan.expressions.expression import suggest, type_name
from wedload.units import parse_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_T = TypeVar("_T")


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


class OneOrMany:
    """A marker for `Annotated`: editors are told that one table may stand for a list of them."""

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        listed = handler(schema)
        return {"anyOf": [listed["items"], listed]}


def table_schema(
    properties: dict[str, Any], required: Sequence[str]
) -> tuple[tuple[str, Any], ...]:
    """What an editor is told of a table with these keys and no others."""
    return (
        ("type", "object"),
        ("properties", properties),
        ("required", list(required)),
        ("additionalProperties", False),
    )


class FieldError(ValueError):
    """Several things wrong within one field, each with its path below the field."""

    def __init__(self, found: Sequence[tuple[tuple[str | int, ...], str]]) -> None:
        super().__init__("; ".join(message for _, message in found))
        self.found = tuple(found)


def text_in(value: Any) -> str:
    """A value that is text; raises ValueError."""
    if not isinstance(value, str):
        raise ValueError(f"expected text in quotes, found {type_name(value)}")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def each(items: Iterable[tuple[str | int, Any]], parse: Callable[[Any, Any], _T]) -> tuple[_T, ...]:
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


def table_in(value: Any, example: str) -> Iterable[tuple[str, Any]]:
    """The items of a table; raises ValueError with an example of one."""
    if not isinstance(value, dict):
        raise ValueError(f"expected {example}, found {type_name(value)}")  # noqa: TRY004 - as above
    return value.items()


def keyed(
    value: Any,
    example: str,
    readers: Mapping[str, Callable[[Any], Any]],
    *,
    needed: Sequence[str] = (),
) -> dict[str, Any]:
    """The values of a table's keys, each as its reader has it; those `needed` must be there.

    Raises:
        FieldError: with all that is wrong with it, each with its path.
    """
    table = dict(table_in(value, example))
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    try:
        read = each(table.items(), lambda key, item: (key, _reader(key, readers)(item)))
    except FieldError as error:
        wrong += error.found
    missing = [key for key in needed if key not in table]
    wrong += [((), f"`{key}` is missing; write {example}") for key in missing]
    if wrong:
        raise FieldError(wrong)
    return dict(read)


def _reader(key: str, readers: Mapping[str, Callable[[Any], Any]]) -> Callable[[Any], Any]:
    if key not in readers:
        near = suggest(key, readers) or f"; known: {', '.join(readers)}"
        raise ValueError(f"there is no key `{key}` here{near}")
    return readers[key]


def positive_duration(value: Any) -> int:
    """A duration above 0s, in ns; raises ValueError."""
    duration_ns = parse_duration_ns(value)
    if duration_ns == 0:
        raise ValueError("must be longer than 0s")
    return duration_ns


def scalar(value: Any) -> str:
    """A text, number, true or false as the text that is sent; raises ValueError."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return text_in(value)


def flag(value: Any) -> bool:
    """A value that is true or false; raises ValueError."""
    if not isinstance(value, bool):
        found = f'"{value}"' if isinstance(value, str) else type_name(value)
        raise ValueError(f"expected true or false, found {found}")  # noqa: TRY004 - pydantic collects ValueErrors
    return value
