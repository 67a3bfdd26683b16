"""Filters of changes, as a table of rows that pass and rows that do not."""

from __future__ import annotations

import pytest

from wedload.sandbox.realtime.filters import FilterError, parse_filter

COLUMNS = {"id": "text", "state": "text", "started_at": "timestamptz"}
ROW = {"id": "b", "state": "running", "started_at": "2026-06-05T12:00:00.000Z"}


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("id=eq.b", True), ("id=eq.c", False), ("id=neq.b", False), ("id=neq.c", True),
        ("id=lt.b", False), ("id=lt.c", True), ("id=lte.b", True), ("id=lte.a", False),
        ("id=gt.b", False), ("id=gt.a", True), ("id=gte.b", True), ("id=gte.c", False),
        ("id=in.(a,b)", True), ("id=in.(a, b)", True), ("id=in.(a,c)", False), ("id=in.()", False),
        ("id=eq.b,state=eq.running", True), ("id=eq.b,state=eq.pending", False),
        ("id=in.(a,b),state=neq.pending", True), ("", True), ("  ", True),
        ("started_at=gt.2026-06-05T11:59:59Z", True),
        ("started_at=eq.2026-06-05T14:00:00+02:00", True),
        ("started_at=lt.2026-06-05T12:00:00+01:00", False),
        ("started_at=eq.2026-06-05 12:00", True),
        ("started_at=in.(2026-06-05T12:00Z)", True),
        ("id=eq.x=eq.b", False), ("id=eq.", False), ("id=neq.", True),
    ],
)  # fmt: skip
def test_row_passes_or_does_not(text, passes):
    assert parse_filter(text, COLUMNS)(ROW) is passes


@pytest.mark.parametrize("text", ["started_at=eq.2026-06-05", "started_at=neq.2026-06-05"])
def test_nothing_compares_with_null(text):
    assert not parse_filter(text, COLUMNS)({**ROW, "started_at": None})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id", "no condition; write column=operator.value"),
        ("id=eq", "no condition"),
        ("id=b", "no condition"),
        ("name=eq.b", "there is no column name; there are id, state, started_at"),
        ("id=like.b", "like is no operator; there are eq, neq, lt, lte, gt, gte and in"),
        ("id=in.a,b", "no list"),
        ("id=in.(a", "no filter"),
        ("id=eq.a,,id=eq.b", "no filter"),
        ("started_at=eq.yesterday", "'yesterday' is no timestamptz, as started_at is"),
        ("id=in.(" + ",".join("x" * 101) + ")", "100 values, not 101"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_does(text, said):
    with pytest.raises(FilterError) as refused:
        parse_filter(text, COLUMNS)
    assert said in str(refused.value)
