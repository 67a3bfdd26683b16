"""Indexes by their names."""

from __future__ import annotations

import pytest

from wedload.sandbox.bottlenecks.indexes import index_statements, require_indexes, set_indexes
from wedload.sandbox.dialect import POSTGRES, SQLITE
from wedload.sandbox.errors import OptionError


def test_only_postgresql_has_an_index_of_texts_that_can_be_left_out():
    assert set(index_statements(POSTGRES)) - set(index_statements(SQLITE)) == {"suppliers_text"}
    assert {"suppliers_place", "forms_of_supplier"} <= set(index_statements(SQLITE))


def test_an_index_that_there_is_not_is_answered_with_those_there_are():
    require_indexes(["suppliers_text"], POSTGRES)
    with pytest.raises(
        OptionError, match="suppliers_text is no index on sqlite; there are:"
    ) as said:
        require_indexes(["suppliers_text"], SQLITE)
    assert "\n  suppliers_place" in str(said.value)


def test_those_left_out_are_dropped_and_all_others_made():
    statements = [query.sql for query in set_indexes(POSTGRES, ["suppliers_text"])]
    assert "DROP INDEX IF EXISTS suppliers_text" in statements
    assert sum(sql.startswith("DROP") for sql in statements) == 1
    assert len(statements) == len(index_statements(POSTGRES))
