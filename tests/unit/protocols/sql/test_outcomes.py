"""What databases say of failures, as outcomes."""

from __future__ import annotations

import sqlite3

import pytest

from wedload.protocols.sql.outcomes import of_sqlite, of_sqlstate


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("23505", "constraint"), ("42601", "syntax"), ("42P01", "syntax"), ("42501", "permission"),
        ("40P01", "conflict"), ("40001", "conflict"), ("55P03", "lock"), ("57014", "cancelled"),
        ("57P01", "lost"), ("57P05", "lost"), ("08006", "lost"), ("53300", "resources"),
        ("22012", "data"), ("25006", "read_only"), ("28P01", "connect"), ("3D000", "connect"),
        ("XX000", "error"), (None, "error"),
    ],
)  # fmt: skip
def test_a_code_of_postgresql_has_an_outcome(code, outcome):
    assert of_sqlstate(code) == outcome


FAILING = [
    ("SELEC 1", (), "syntax"),
    ("INSERT INTO a VALUES (1)", (), "constraint"),
    ("SELECT ?1", ({},), "data"),
    ("SELECT ?1", (1 << 70,), "data"),
]


@pytest.mark.parametrize(("sql", "values", "outcome"), FAILING)
def test_a_failure_of_sqlite_has_an_outcome(sql, values, outcome):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE a (b INTEGER PRIMARY KEY)")
    connection.execute("INSERT INTO a VALUES (1)")
    with pytest.raises((sqlite3.Error, OverflowError)) as error:
        connection.execute(sql, values)
    connection.close()
    assert of_sqlite(error.value) == outcome


def test_a_file_that_is_locked_is_not_free():
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY_SNAPSHOT
    assert of_sqlite(error) == "lock"
