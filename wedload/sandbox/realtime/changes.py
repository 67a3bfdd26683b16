"""Changes of the database's rows, as its listeners are told of them, and who wants which.

Two tables are published: submissions, and the journeys that they start. Knows no connection.

Source: https://supabase.com/docs/guides/realtime/protocol, "phx_join" and "postgres_changes".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal
from zlib import crc32

import orjson

from .filters import Filter, FilterError, parse_filter

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["INSERT", "UPDATE"]

SCHEMA: Final = "public"
#: table → its columns, each with its PostgreSQL type
TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "submissions": {
        "id": "text",
        "form_id": "text",
        "supplier_id": "text",
        "couple_id": "text",
        "status": "text",
        "created_at": "timestamptz",
    },
    "journeys": {"submission_id": "text", "state": "text", "started_at": "timestamptz"},
}
_EVENTS: Final = ("INSERT", "UPDATE", "DELETE", "*")
_ANY: Final = "*"


class BindingError(Exception):
    """What a client wants to hear of cannot be; the message says why."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row that came to be or became another; `old_record` holds the key of the latter."""

    table: str
    kind: Kind
    record: dict[str, Any]
    committed_at: str | None
    old_record: dict[str, Any] | None = None

    def as_payload(self, ids: list[int]) -> dict[str, Any]:
        """What is sent to those whose subscriptions `ids` it answers."""
        columns = [{"name": name, "type": kind} for name, kind in TABLES[self.table].items()]
        data: dict[str, Any] = {
            "schema": SCHEMA,
            "table": self.table,
            "commit_timestamp": self.committed_at,
            "type": self.kind,
            "columns": columns,
            "record": self.record,
            "errors": None,
        }
        if self.old_record is not None:
            data["old_record"] = self.old_record
        return {"ids": ids, "data": data}


@dataclass(frozen=True, slots=True)
class Binding:
    """One subscription to changes. Equal wishes have equal ids, so their messages are equal too."""

    id: int
    event: str
    filters: Mapping[str, Filter] = field(repr=False)

    def matches(self, change: Change) -> bool:
        """Whether this one is told of the change."""
        passes = self.filters.get(change.table)
        return passes is not None and self.event in {_ANY, change.kind} and passes(change.record)


def subscription_id(given: Mapping[str, str | None]) -> int:
    """The id of such a wish: positive, and within 32 bits."""
    return crc32(orjson.dumps(given, option=orjson.OPT_SORT_KEYS)) >> 1 or 1


def bind(given: Mapping[str, str | None]) -> Binding:
    """Read one entry of `postgres_changes`.

    Raises:
        BindingError: there is no such event, schema, table or filter.
    """
    event = (given.get("event") or _ANY).upper()
    schema, table = given.get("schema") or SCHEMA, given.get("table") or _ANY
    if event not in _EVENTS:
        raise BindingError(f"{event} is no event; there are {', '.join(_EVENTS)}")
    if schema not in {SCHEMA, _ANY}:
        raise BindingError(f"there is no schema {schema}; there is {SCHEMA}")
    if table != _ANY and table not in TABLES:
        raise BindingError(f"there is no table {table}; there are {', '.join(TABLES)}")
    text = given.get("filter") or ""
    wanted = TABLES if table == _ANY else {table: TABLES[table]}
    try:
        filters = {name: parse_filter(text, columns) for name, columns in wanted.items()}
    except FilterError as error:
        raise BindingError(str(error)) from None
    return Binding(subscription_id(given), event, filters)


def matching_ids(bindings: tuple[Binding, ...], change: Change) -> list[int]:
    """The subscriptions of one channel that the change answers."""
    return [binding.id for binding in bindings if binding.matches(change)]
