"""What differs between the two databases, each difference once. Opens no connection.

Everything else is written in the SQL that both understand, with PostgreSQL's `$n` placeholders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True)
class Dialect:
    """The differences, as data.

    `types` fills the names in the schema's statements. `text_match` is a condition on supplier
    `s`, with `{arg}` for the placeholder of what `text_query` makes of the words searched for.
    `text_index` builds that index once the rows are there, `text_clear` empties it again; `clear`
    empties a `{table}`. `tidy` is run when all rows of a new catalogue are there, alone.
    `exclusive` is run first in the transaction that sets the schema up. `pause` waits for `$1`
    seconds and holds up nobody but its transaction, where the database can do that.
    """

    name: str
    types: dict[str, str]
    text_match: str
    text_query: Callable[[Sequence[str]], str]
    text_schema: tuple[str, ...]
    text_index: tuple[str, ...]
    text_clear: tuple[str, ...]
    clear: str
    tidy: tuple[str, ...]
    exclusive: tuple[str, ...]
    pause: str | None


@cache
def numbered_question_marks(sql: str) -> str:
    """`$1` as `?1`: SQLite takes `$1` for a parameter *named* 1."""
    return re.sub(r"\$(\d+)", r"?\1", sql)


SQLITE = Dialect(
    name="sqlite",
    types={"float": "REAL", "bigint": "INTEGER", "clustered": "WITHOUT ROWID"},
    text_match="s.id IN (SELECT rowid FROM supplier_text WHERE supplier_text MATCH {arg})",
    # Quoted, a word is a word and never an operator of FTS5's own query language.
    text_query=lambda words: " ".join(f'"{word}"' for word in words),
    text_schema=(
        # Contentless: the index refers to the suppliers and keeps no second copy of their text.
        """CREATE VIRTUAL TABLE IF NOT EXISTS supplier_text USING fts5(
            name, description, content='', tokenize="unicode61 remove_diacritics 0")""",
    ),
    text_index=(
        """INSERT INTO supplier_text (rowid, name, description)
            SELECT id, name, description FROM suppliers ORDER BY id""",
    ),
    text_clear=("INSERT INTO supplier_text (supplier_text) VALUES ('delete-all')",),
    clear="DELETE FROM {table}",
    tidy=(),
    exclusive=(),
    pause=None,
)

POSTGRES = Dialect(
    name="postgresql",
    types={"float": "DOUBLE PRECISION", "bigint": "BIGINT", "clustered": ""},
    text_match=(
        "to_tsvector('simple', s.name || ' ' || s.description) @@ plainto_tsquery('simple', {arg})"
    ),
    text_query=" ".join,
    text_schema=(),
    text_index=(
        """CREATE INDEX IF NOT EXISTS suppliers_text ON suppliers
            USING gin (to_tsvector('simple', name || ' ' || description))""",
    ),
    text_clear=("DROP INDEX IF EXISTS suppliers_text",),
    clear="TRUNCATE {table}",
    # What answers from an index alone must know that no row is too new; else PostgreSQL finds that
    # out by itself later, in the middle of a run.
    tidy=("VACUUM suppliers, supplier_styles, packages, booked_days, ratings",),
    # Two sandboxes started on one database at once: the second waits, then finds it all there.
    exclusive=(
        "SELECT pg_advisory_xact_lock(7133025)",
        "CREATE SCHEMA IF NOT EXISTS wedload_sandbox",
    ),
    pause="SELECT pg_sleep($1)",
)
