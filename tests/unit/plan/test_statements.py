"""SQL statements: what of them is code, and where their parameters are."""

from __future__ import annotations

import pytest

from wedload.plan.statements import Statement

CODE = [
    ("SELECT $1", {1}),
    ("SELECT $1::int, $2 || $10", {1, 2, 10}),
    ("SELECT '$1', $2", {2}),
    ("SELECT 'it''s $1', $2", {2}),
    (r"SELECT E'it\'s $1', $2", {2}),
    ('SELECT "a $1", $2', {2}),
    ("SELECT 1 -- $1\n, $2", {2}),
    ("SELECT /* $1 /* $3 */ $4 */ $2", {2}),
    ("SELECT $$ $1 $$, $2", {2}),
    ("SELECT $body$ $1 $$ $3 $body$, $2", {2}),
    ("SELECT a$1", set()),  # a name
    ("SELECT /* never closed $1", set()),
    ("/* /* $1 */ SELECT $2", {2}),  # of SQLite, whose comments do not nest
    ("SELECT `a $1`, $2", {2}),
    ("SELECT a[$1]", {1}),  # of PostgreSQL, an array
]


@pytest.mark.parametrize(("sql", "numbers"), CODE)
def test_only_code_has_parameters(sql, numbers):
    assert Statement(sql).parameters == numbers


def test_sqlite_gets_numbered_question_marks_in_code_alone():
    statement = Statement("SELECT '$1', $1, $12 -- $2")
    assert statement.with_question_marks() == "SELECT '$1', ?1, ?12 -- $2"


@pytest.mark.parametrize(
    ("sql", "verb"),
    [
        ("select 1", "SELECT"),
        ("-- all of them\n  (SELECT 1)", "SELECT"),
        ("/* UPDATE */ insert into a", "INSERT"),
        ("-- nothing", ""),
    ],
)
def test_a_statement_is_what_its_first_word_says(sql, verb):
    assert Statement(sql).verb == verb


@pytest.mark.parametrize(
    ("sql", "several"),
    [
        ("SELECT 1;", False),
        ("SELECT 1; ", False),
        ("SELECT ';'", False),
        ("SELECT `a;b`", False),
        ("SELECT 1 -- ; no", False),
        ("SELECT 1; DROP TABLE a", True),
        ("SELECT 1; /* and */ DROP TABLE a;", True),
    ],
)
def test_several_statements_are_told_from_one(sql, several):
    assert Statement(sql).several is several


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT 1", True),
        ("WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("WITH a AS (DELETE FROM b RETURNING *) SELECT * FROM a", False),
        ("WITH a AS (SELECT 'delete') SELECT * FROM a", True),
        ("VALUES (1)", True),
        ("DELETE FROM a", False),
        ("CREATE TABLE a (b int)", False),
    ],
)
def test_what_only_reads_is_told_from_what_does_not(sql, reads):
    assert Statement(sql).reads is reads


@pytest.mark.parametrize(
    "sql", ["BEGIN", "set x = 1", "ATTACH 'other.db' AS o", "Rollback", "pragma a=0"]
)
def test_what_is_about_a_connection_is_known(sql):
    assert Statement(sql).of_session


@pytest.mark.parametrize(
    ("sql", "mark"),
    [
        ("SELECT * FROM a WHERE b = ?", "?"),
        ("SELECT * FROM a WHERE b = %s", "%s"),
        ("SELECT * FROM a WHERE b = :name", ":name"),
        ("SELECT $1::int, a[1:2], data ?| array['a'], '?'", None),
    ],
)
def test_parameters_of_other_tools_are_recognised(sql, mark):
    assert Statement(sql).other_mark == mark
