"""Text in so many columns of a terminal, whatever its characters take."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from wedload.report.columns import fitted, fitted_end, fitted_middle, print_item, print_sentence

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


@pytest.mark.parametrize(
    ("text", "tail", "width", "shown"),
    [
        ("abc", "", 5, "abc"),
        ("abcdefgh", "", 5, "ab…gh"),
        ("channel wide-room-1 p95", " p95", 16, "channe…oom-1 p95"),
        ("room p95", " p95", 7, "roo…p95"),  # no room for both: the tail is cut as all else
        ("予約フォーム", "", 6, "予…ム"),
    ],
)
def test_a_name_loses_its_middle_and_never_its_tail(text, tail, width, shown):
    assert fitted_middle(text, width, tail) == shown


@given(TEXTS, TEXTS, st.integers(2, 40))
def test_a_name_takes_no_more_than_its_columns(text, tail, width):
    name = text + tail
    if len(name) != sum(cell_len(one) > 0 for one in name):
        return
    shown = fitted_middle(name, width, tail)
    assert cell_len(shown) <= width
    if cell_len(tail) <= width - 8:
        assert shown.endswith(tail)


CAUSE = (
    "channel status: a subscriber could not join:\nhttp://127.0.0.1:9/" + "x" * 60 + " status 401"
)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_an_item_is_wrapped_below_its_beginning_and_one_line_in_a_log(width):
    terminal = Console(width=width, record=True, file=io.StringIO(), force_terminal=True)
    log = Console(width=width, record=True, file=io.StringIO())

    for console in (terminal, log):
        print_item("     20 × ", CAUSE, console)

    lines = terminal.export_text().splitlines()
    assert len(lines) > 2
    assert max(map(len, lines)) <= min(width, 80)
    assert lines[0].startswith("     20 × channel")
    assert all(re.match(" {10}\\S", line) for line in lines[1:])
    assert "".join("".join(lines).split()) == "20×" + "".join(CAUSE.split())
    assert log.export_text() == f"     20 × {' '.join(CAUSE.split())}\n"


def test_an_endless_item_ends():
    terminal = Console(width=80, record=True, file=io.StringIO(), force_terminal=True)

    print_item("1 × ", "word " * 1000, terminal)

    lines = terminal.export_text().splitlines()
    assert len(lines) == 6
    assert lines[-1].endswith("…")
