"""Explained queries in words, in a terminal and in Markdown."""

from __future__ import annotations

from dataclasses import replace

from tests.helpers.explained import EXPLAINED, SLOW, UNEXPLAINED, UNREMARKABLE
from tests.helpers.small_result import small_result
from tests.helpers.tables import widths
from wedload.report.explained_words import explained_head, explained_words
from wedload.report.final import print_final
from wedload.report.markdown import markdown


def test_a_query_is_named_with_its_time_in_the_load():
    assert explained_head(SLOW) == "slowest query of by name (catalogue): 412 ms in the load"


def test_a_plan_is_told_by_its_culprit_or_by_why_there_is_none():
    assert explained_words(SLOW).startswith("Seq Scan on suppliers takes 371 ms of 380 ms")
    assert explained_words(UNEXPLAINED) == "it could not be explained: no end within 10s"
    assert explained_words(UNREMARKABLE) == "its plan names nothing that stands out"


def test_the_final_report_has_them_in_80_columns(make, console):
    run = replace(make(["look"], {}, ms=[1], count=4, seconds=1).run, explained=tuple(EXPLAINED))
    print_final(run, console)
    text = console.export_text()
    assert max(widths(text)) <= 80
    said = " ".join(text.split())
    for one in EXPLAINED:
        assert explained_head(one) in said
        assert explained_words(one) in said


def test_markdown_has_a_line_for_each():
    text = markdown(small_result().model_copy(update={"explained": EXPLAINED}))
    assert "**Slowest queries**" in text
    assert "- slowest query of by name (catalogue): 412 ms in the load. Seq Scan on" in text
    assert "**Slowest queries**" not in markdown(small_result())
