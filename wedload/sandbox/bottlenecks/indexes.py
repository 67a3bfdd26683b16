"""Indexes that are left out. Knows their names, from the statements that make them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..database import Query
from ..errors import OptionError
from ..schema import CATALOGUE_INDEXES, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..database import Transaction
    from ..dialect import Dialect

_CREATE: Final = re.compile(r"CREATE INDEX IF NOT EXISTS (?P<name>[a-z_]+)\s")


def index_statements(dialect: Dialect) -> dict[str, str]:
    """By name of the index, the statement that makes it where it is not there."""
    written = (*tables(dialect), *CATALOGUE_INDEXES, *dialect.text_index)
    named = ((index_name(sql), sql) for sql in written)
    return {name: sql for name, sql in named if name is not None}


def index_name(sql: str) -> str | None:
    """Which index a statement makes; None: it makes none."""
    found = _CREATE.match(sql.lstrip())
    return None if found is None else found["name"]


def require_indexes(names: Sequence[str], dialect: Dialect) -> None:
    """Refuse names of indexes that there are not.

    Raises:
        OptionError: there is no such index on this database; the message lists those there are.
    """
    known = index_statements(dialect)
    for name in names:
        if name not in known:
            listed = "".join(f"\n  {one}" for one in sorted(known))
            raise OptionError(f"{name} is no index on {dialect.name}; there are:{listed}")


def set_indexes(dialect: Dialect, without: Sequence[str]) -> Transaction[None]:
    """Leave these out, and make all others that are not there, as after a start without them."""
    for name, sql in index_statements(dialect).items():
        if name in without:
            yield Query(f"DROP INDEX IF EXISTS {name}")
        else:
            yield Query(sql)
