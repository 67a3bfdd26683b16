"""Statements without the data that is in them, and what they cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wedload.resources.statements import Spent, spent_since, without_data


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT 1", "SELECT ?"),
        ("select * from a where b = 'it''s me'", "select * from a where b = ?"),
        ("UPDATE t2 SET c3 = $1 WHERE id=42", "UPDATE t2 SET c3 = $1 WHERE id=?"),
        (r"SELECT E'a\'b', x'ff', U&'d'", "SELECT ?, ?, ?"),
        ("SELECT $$a 'quoted' b$$, $tag$ $$ $tag$ FROM x", "SELECT ?, ? FROM x"),
        ('SELECT "its", "1 of 2" FROM a', 'SELECT "its", "1 of 2" FROM a'),
        ("SELECT -- a word\n  1.5e3 /* and 'more' */ , 2", "SELECT ? , ?"),
        ("SELECT 'cut off", "SELECT ?"),
        ("", ""),
    ],
)
def test_texts_numbers_and_comments_are_left_out(text, said):
    assert without_data(text) == said


def test_long_statements_are_cut():
    assert len(without_data("SELECT " + ", ".join(["a"] * 10_000))) == 300


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=40))
def test_no_text_in_quotes_is_ever_told(secret):
    quoted = "'" + secret.replace("'", "''") + "'"

    assert without_data(f"SELECT {quoted}, b") == "SELECT ?, b"


@given(st.text(max_size=200))
def test_whatever_is_sent_becomes_one_line(text):
    assert "\n" not in without_data(text)


def test_what_was_spent_before_the_load_is_not_told_and_the_costliest_come_first():
    before = {1: Spent(10, 100.0, 10), 2: Spent(5, 5.0, 0), 4: Spent(9, 9.0, 9)}
    now = {
        1: Spent(14, 300.0, 30), 2: Spent(5, 5.0, 0), 3: Spent(2, 900.0, 1), 4: Spent(1, 4.0, 1),
    }  # fmt: skip

    found = spent_since(before, now, {1: "SELECT $1", 3: "SELECT 'x'"})

    assert found == [
        {"text": "SELECT ?", "calls": 2, "total_ms": 900.0, "mean_ms": 450.0, "rows": 1},
        {"text": "SELECT $1", "calls": 4, "total_ms": 200.0, "mean_ms": 50.0, "rows": 20},
        {"text": "", "calls": 1, "total_ms": 4.0, "mean_ms": 4.0, "rows": 1},  # was reset
    ]
