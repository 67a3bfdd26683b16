"""Short names of statements: few, and without anything of a request in them.

Source: https://opentelemetry.io/docs/specs/semconv/database/database-spans/ (`db.query.summary`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ..database import Bulk

if TYPE_CHECKING:
    from ..database import Statement

#: the first table that is named: in a statement around another one that is the inner one's
_NAME: Final = re.compile(
    r"\s*(?P<verb>[A-Z]+)\b(?:.*?\b(?:FROM|INTO|UPDATE|TABLE)\s+|\s+)(?P<table>[a-z][a-z_]*)",
    re.DOTALL,
)


def name_of(statement: Statement) -> str:
    """`SELECT suppliers` and the like."""
    if isinstance(statement, Bulk):
        return f"COPY {statement.table}"
    return _short(statement.sql)


@lru_cache(maxsize=1024)
def _short(sql: str) -> str:
    found = _NAME.match(sql)
    if found is None:
        return sql.split(maxsplit=1)[0].upper() if sql.strip() else "(nothing)"
    return f"{found['verb']} {found['table']}"
