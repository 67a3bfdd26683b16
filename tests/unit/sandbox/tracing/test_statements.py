"""Names of statements."""

from __future__ import annotations

import pytest

from wedload.sandbox.database import Bulk, Many, Query
from wedload.sandbox.dialect import POSTGRES
from wedload.sandbox.search import count_statement, page_statement
from wedload.sandbox.search_query import parse_search
from wedload.sandbox.tracing.statements import name_of

SEARCH = parse_search(
    {"q": "barn", "category": "venue", "style": "rustic", "date": "2027-06-05"}.items()
)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (Query("SELECT id FROM forms WHERE id = $1", ("secret",)), "SELECT forms"),
        (Query("DELETE FROM forms WHERE id = $1"), "DELETE forms"),
        (Query("UPDATE forms SET submissions = submissions + 1"), "UPDATE forms"),
        (Many("INSERT INTO journeys\n (id)\n VALUES ($1)", [("a",)]), "INSERT journeys"),
        (Query("SELECT pg_sleep($1)", (0.1,)), "SELECT pg_sleep"),
        (Query("LOCK TABLE forms IN SHARE ROW EXCLUSIVE MODE"), "LOCK forms"),
        (Query("ANALYZE"), "ANALYZE"),
        (Query(""), "(nothing)"),
        (Bulk("ratings", ("id",), []), "COPY ratings"),
        (page_statement(SEARCH, POSTGRES), "SELECT suppliers"),
        (count_statement(SEARCH, POSTGRES), "SELECT suppliers"),
    ],
)
def test_a_statement_is_called_by_what_it_does_to_its_first_table(statement, name):
    assert name_of(statement) == name
