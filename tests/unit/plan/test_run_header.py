"""`run_header`: on, off, or by another name."""

from __future__ import annotations

import pytest


def header_of(load, valid, written: str) -> str | None:
    return load(f"{valid}[http]\nrun_header = {written}\n").plan.http.run_header


def test_requests_say_of_which_run_they_are_unless_told_otherwise(load, valid):
    assert load(valid).plan.http.run_header == "X-Wedload-Run"
    assert header_of(load, valid, "true") == "X-Wedload-Run"


def test_it_is_switched_off_or_renamed(load, valid):
    assert header_of(load, valid, "false") is None
    assert header_of(load, valid, '"X-My-RunID"') == "X-My-RunID"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"X My"', "'X My' is not the name of a header"),
        ('""', "is not the name of a header"),
        ('"X-A\\r\\nB"', "is not the name of a header"),
        ('"Host"', "Host has a meaning of its own"),
        ('"content-LENGTH"', "content-LENGTH has a meaning of its own"),
        ("3", "expected true, false or the name of a header, found a number"),
    ],
)
def test_what_is_no_name_is_refused(problems, valid, written, expected):
    (problem,) = problems(f"{valid}[http]\nrun_header = {written}\n")

    assert "http.run_header: " in problem
    assert expected in problem
