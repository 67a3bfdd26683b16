"""Sentences of `check` are printed alike."""

from __future__ import annotations

from wedload.report.explain_lines import print_lines


def test_a_long_line_is_wrapped_one_column_from_the_edge_and_has_no_marks_of_its_own(console):
    print_lines([("[bold] " + "word " * 20, "dim"), ("plan.toml:1: no", "yellow")], console)

    assert [line.rstrip() for line in console.export_text().splitlines()] == [
        " [bold]" + " word" * 14,
        " word" * 6,
        " plan.toml:1: no",
    ]
