"""Values on their way: what a plan has, as a parameter's type wants it; what came, as JSON has it.

A plan's values are JSON's: a date is a text there, and a UUID. asyncpg takes for a `date` nothing
but a date, so that a text is read as what the statement's parameter is. Pure.
"""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import orjson

from wedload.plan.expressions.expression import text_of

if TYPE_CHECKING:
    from collections.abc import Callable


def _integer(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError("is no whole number")
    return int(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if not isinstance(value, bool):
        raise ValueError("is neither true nor false")  # noqa: TRY004 - one kind of error for all of them
    return value


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(text_of(value))
    except InvalidOperation:
        raise ValueError("is no number") from None


def _interval(value: Any) -> timedelta:
    """A number is of seconds."""
    return timedelta(seconds=float(value))


def _uuid(value: Any) -> UUID:
    return UUID(text_of(value))


def _json(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _bytes(value: Any) -> bytes:
    return text_of(value).encode()


#: type of a parameter, as PostgreSQL calls it -> what makes a plan's value one
_CONVERTERS: Final[dict[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), _integer),
    **dict.fromkeys(("float4", "float8"), float),
    "numeric": _decimal,
    "bool": _boolean,
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "citext", "unknown"), text_of),
    "date": date.fromisoformat,
    **dict.fromkeys(("timestamp", "timestamptz"), datetime.fromisoformat),
    **dict.fromkeys(("time", "timetz"), time.fromisoformat),
    "interval": _interval,
    "uuid": _uuid,
    **dict.fromkeys(("json", "jsonb"), _json),
    "bytea": _bytes,
}


def converter(type_name: str) -> Callable[[Any], Any]:
    """What makes a plan's value a parameter of a type: `date`, `int4[]`; null stays null.

    It raises ValueError or TypeError for a value that is none.
    """
    if type_name.endswith("[]"):
        one = converter(type_name[:-2])
        return lambda value: None if value is None else [one(item) for item in value]
    convert = _CONVERTERS.get(type_name)
    if convert is None:
        return lambda value: value
    return lambda value: None if value is None else convert(value)


def for_sqlite(value: Any) -> Any:
    """A plan's value as SQLite takes it: lists and objects as JSON."""
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


def json_in(text: str) -> Any:
    """What a `json` holds; a number that is too large for this machine is a text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text, parse_float=_finite)


def _finite(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def plain(value: Any) -> Any:
    """A value that a database gave, as JSON has it."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Decimal():
            if not value.is_finite():
                return str(value)
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return str(value)
