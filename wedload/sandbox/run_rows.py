"""The rows of a test run: transactions that count and delete them. Does no I/O.

A row belongs to the run whose request made it. What hangs on it by a foreign key goes with it,
whoever made that: submissions of others to a form of the run, say. Rows are deleted so many at a
time, so that no transaction holds up others for long.
"""

# ruff: noqa: S608 - only the schema's names are put into statements

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .database import Many, Query, Transaction
from .schema import OF_RUNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .database import Row

MOST_PER_TRANSACTION: Final = 200
#: What goes with a submission; in this order, as the first refers to the second.
HANGING: Final = ("journey_steps", "journeys", "bookings")
TABLES: Final = (*HANGING, *OF_RUNS)


@dataclass(slots=True)
class Gone:
    """What one transaction deleted: how many rows by table, and the ids of those asked for."""

    rows: Counter[str] = field(default_factory=Counter)
    ids: list[str] = field(default_factory=list)


def count_rows(run_id: str) -> Transaction[dict[str, int]]:
    """How many rows a run has, by table."""
    of_run = [f"(SELECT count(*) FROM {table} WHERE run_id = $1)" for table in OF_RUNS]
    hanging = [
        f"(SELECT count(*) FROM submissions s JOIN {table} h ON h.submission_id = s.id"
        " WHERE s.run_id = $1)"
        for table in HANGING
    ]
    found = yield Query(f"SELECT {', '.join((*hanging, *of_run))}", (run_id,))
    return dict(zip(TABLES, found[0], strict=True))


def delete_some(table: str, run_id: str) -> Transaction[Gone]:
    """Delete the first of a run's rows in this table; nothing is gone when none are left."""
    gone = Gone()
    key = OF_RUNS[table]
    found = yield Query(
        f"SELECT {key} FROM {table} WHERE run_id = $1 ORDER BY {key} LIMIT {MOST_PER_TRANSACTION}",
        (run_id,),
    )
    if not found:
        return gone
    gone.ids = [row[0] for row in found]
    if table == "submissions":
        for hanging in HANGING:
            one_of = f"DELETE FROM {hanging} WHERE submission_id IN ({_marks(found)}) RETURNING 1"
            gone.rows[hanging] = len((yield Query(one_of, tuple(gone.ids))))
    last = found[-1]
    until = ", ".join(f"${n}" for n in range(2, len(last) + 2))
    told = "form_id, cancelled_ms" if table == "submissions" else "1"
    deleted = yield Query(
        f"DELETE FROM {table} WHERE run_id = $1 AND ({key}) <= ({until}) RETURNING {told}",
        (run_id, *last),
    )
    gone.rows[table] = len(deleted)
    if table == "submissions":
        yield from _uncount(deleted)
    return gone


def _marks(rows: Sequence[Row]) -> str:
    return ", ".join(f"${n}" for n in range(1, len(rows) + 1))


def _uncount(submissions: Iterable[Row]) -> Transaction[None]:
    """Let forms that stay count them no more; one that was cancelled is not counted."""
    fewer = Counter(form_id for form_id, cancelled_ms in submissions if cancelled_ms is None)
    if fewer:
        sql = "UPDATE forms SET submissions = submissions - $2 WHERE id = $1"
        # In one order, as others may hold a form and wait for the next.
        yield Many(sql, sorted(fewer.items()))
