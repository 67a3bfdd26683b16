"""Text in so many columns of a terminal, whatever its characters take."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from wedload.report.columns import fitted, fitted_end, print_sentence

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Mn", "Me", "Cf"]))


@given(TEXTS, st.integers(2, 40))
def test_a_text_takes_exactly_its_columns(text, width):
    if len(text) != sum(cell_len(one) > 0 for one in text):
        return
    assert cell_len(fitted(text, width)) == width
    assert cell_len(fitted_end(text, width)) == width


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("abc", "abc  ", "abc  "), ("abcdef", "abcd…", "…cdef"), ("予約フォーム", "予約…", "…ーム"),
    ],
)  # fmt: skip
def test_a_long_text_loses_its_end_and_a_path_its_beginning(text, begin, end):
    assert fitted(text, 5) == begin
    assert fitted_end(text, 5) == end


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_sentence_is_wrapped_in_a_terminal_and_one_line_in_a_log(width):
    sentence = Text("• " + "one two three " * 20 + "end")
    terminal = Console(width=width, record=True, file=io.StringIO(), force_terminal=True)
    log = Console(width=width, record=True, file=io.StringIO())

    for console in (terminal, log):
        print_sentence(sentence, console)

    lines = terminal.export_text().splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= min(width, 80)
    assert all(line == line.rstrip() and line.startswith(" ") for line in lines)
    assert log.export_text() == f" {sentence.plain}\n"
