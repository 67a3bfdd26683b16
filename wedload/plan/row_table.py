"""A benchmark row as a plan writes it: a requirement, or a table of one and its times.

`{ require = "checks: rate > 99%", abort = true, after = "30s", window = "1m" }`. Whether these fit
the plan is for wedload.plan.row_times to say.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

from wedload.plan.benchmark import Requirement
from wedload.plan.expressions.expression import type_name
from wedload.plan.parsing import FieldError, Parsed, flag, positive_duration
from wedload.units import NS_PER_S, format_duration_ns, parse_duration_ns

if TYPE_CHECKING:
    from collections.abc import Callable

_EXAMPLE: Final = '"checks: rate > 99%"'


def parse_row(value: Any) -> Requirement:
    """Read a row; of a table every key that is wrong is reported.

    Raises:
        ValueError: what is wrong with it, and what would be right.
    """
    if isinstance(value, str):
        return Requirement.parse(value)
    if not isinstance(value, dict):
        raise ValueError(  # noqa: TRY004 - pydantic collects ValueErrors
            f"expected a requirement such as {_EXAMPLE}, or a table with one, found "
            f"{type_name(value)}"
        )
    read: dict[str, Any] = {}
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    if "require" not in value:
        wrong.append(((), f"`require` is missing; write require = {_EXAMPLE}"))
    for key, item in value.items():
        try:
            read[key] = ROW_KEYS[key](item)
        except ValueError as error:
            wrong.append(((key,), str(error)))
    if wrong:
        raise FieldError(wrong)
    requirement: Requirement = read["require"]
    return replace(
        requirement,
        abort=read.get("abort", False),
        after_s=read.get("after", 0),
        window_s=read.get("window"),
    )


def row_source(row: Requirement) -> str | dict[str, Any]:
    """What `parse_row` makes this row of."""
    if not row.timed and not row.abort:
        return row.source
    source: dict[str, Any] = {"require": row.source, "abort": row.abort}
    source["after"] = format_duration_ns(row.after_s * NS_PER_S)
    if row.window_s is not None:
        source["window"] = format_duration_ns(row.window_s * NS_PER_S)
    return source


def _seconds(value: Any) -> int:
    duration_ns = parse_duration_ns(value)
    seconds, rest = divmod(duration_ns, NS_PER_S)
    if rest:
        above = format_duration_ns((seconds + 1) * NS_PER_S)
        near = f"{format_duration_ns(seconds * NS_PER_S)} or {above}" if seconds else above
        raise ValueError(f"{value!r} is not a number of whole seconds; write {near}")
    return seconds


def _window(value: Any) -> int:
    positive_duration(value)
    return _seconds(value)


#: key of a row's table -> its parser
ROW_KEYS: Final[dict[str, Callable[[Any], Any]]] = {
    "require": Requirement.parse,
    "abort": flag,
    "after": _seconds,
    "window": _window,
}

_SCHEMA: Final = (
    (
        "anyOf",
        (
            {"type": "string"},
            {
                "type": "object",
                "properties": {
                    "require": {
                        "type": "string",
                        "description": "The requirement: `metric{selector=value}: p95 < 2s`.",
                    },
                    "abort": {
                        "type": "boolean",
                        "description": "End the run as soon as the row is certainly missed.",
                        "default": False,
                    },
                    "after": {
                        "type": "string",
                        "description": "Leave out what ended before this instant of the load.",
                        "default": "0s",
                    },
                    "window": {
                        "type": "string",
                        "description": "Demand it of every stretch of the load of this length.",
                    },
                },
                "required": ["require"],
                "additionalProperties": False,
            },
        ),
    ),
)
RowField = Annotated[Requirement, Parsed(parse_row, _SCHEMA)]
