"""Filters of database changes: `form_id=eq.X`, several with commas between them. Knows no table.

As in SQL, nothing compares with NULL: a row without a value passes no filter on it.

Source: https://supabase.com/docs/guides/realtime/postgres-changes, "Available filters".
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

#: whether a row, as column → value, passes
Filter = Callable[[Mapping[str, Any]], bool]

_MOST_VALUES: Final = 100
# A comma separates conditions, but not within the parentheses of a list.
_CONDITIONS: Final = re.compile(r"(?:\([^()]*\)|[^,()])+")
_CONDITION: Final = re.compile(r"\s*(?P<column>\w+)=(?P<operator>\w+)\.(?P<value>.*)", re.DOTALL)
_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


class FilterError(Exception):
    """The filter makes no sense for the table; the message says why."""


def parse_filter(text: str, columns: Mapping[str, str]) -> Filter:
    """The filter in `text`, for rows of these columns (name → type); all conditions must hold.

    Raises:
        FilterError: unknown column or operator, or a value that is none of the column's type.
    """
    if not text.strip():
        return lambda _row: True
    conditions = _CONDITIONS.findall(text)
    if ",".join(conditions) != text:
        raise FilterError(f"{text!r} is no filter; write column=operator.value")
    parsed = [_condition(each, columns) for each in conditions]
    return lambda row: all(condition(row) for condition in parsed)


def _condition(text: str, columns: Mapping[str, str]) -> Filter:
    form = _CONDITION.fullmatch(text)
    if form is None:
        raise FilterError(f"{text!r} is no condition; write column=operator.value")
    column, name, value = form["column"], form["operator"], form["value"]
    kind = columns.get(column)
    if kind is None:
        raise FilterError(f"there is no column {column}; there are {', '.join(columns)}")
    read = _instant if kind == "timestamptz" else str
    try:
        if name == "in":
            return _among(column, frozenset(map(read, _listed(value))), read)
        wanted = read(value)
    except ValueError:
        raise FilterError(f"{value!r} is no {kind}, as {column} is") from None
    compare = _COMPARISONS.get(name)
    if compare is None:
        raise FilterError(f"{name} is no operator; there are {', '.join(_COMPARISONS)} and in")
    return lambda row: row[column] is not None and compare(read(row[column]), wanted)


def _among(column: str, wanted: frozenset[Any], read: Callable[[str], Any]) -> Filter:
    return lambda row: row[column] is not None and read(row[column]) in wanted


def _listed(value: str) -> list[str]:
    if not (value.startswith("(") and value.endswith(")")):
        raise FilterError(f"{value!r} is no list; write in.(one,two)")
    values = [each.strip() for each in value[1:-1].split(",")]
    if len(values) > _MOST_VALUES:
        raise FilterError(f"a list may have {_MOST_VALUES} values, not {len(values)}")
    return values


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
