"""The summary for pull requests: what it says, and that no name can change its form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.helpers.small_result import document, failed_result, row, small_result
from wedload.report.markdown import markdown

RENDERER = MarkdownIt("gfm-like", {"linkify": False}).enable("table")


def cells(text):
    """The text of every cell of the tables, row by row."""
    rows, cell = [], None
    for token in RENDERER.parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"td_open", "th_open"}:
            cell = True
        elif token.type == "inline" and cell:
            assert {child.type for child in token.children} <= {"text", "text_special"}, token
            rows[-1].append("".join(child.content for child in token.children))
            cell = None
    return rows


def test_verdict_comes_first_then_reasons_then_tables():
    text = markdown(failed_result())

    lines = text.splitlines()
    assert lines[0] == "## ⚠️ INVALID: small on local"
    assert lines[2] == "1 of 4 benchmarks met"
    assert "- Too slow." in lines
    table = cells(text)
    assert table[0] == ["Benchmark", "Requirement", "Observed", "Samples", "Status"]
    assert table[2] == [
        "Buying is quick", "http_req_duration{step=look}: p95 < 250ms", "412 ms", "4,000",
        "❌ missed",
    ]  # fmt: skip
    assert table[4][2:] == ["–", "0", "⚠️ no-data"]
    assert table[5] == ["Step", "Requests", "Failed", "p50", "p95", "p99", "max"]
    assert table[6] == ["look", "4,000", "0.25 %", "38 ms", "103 ms", "150 ms", "1.52 s"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"verdict": "pass"}, "## ✅ PASS: small on local"),
        ({"verdict": "fail"}, "## ❌ FAIL: small on local"),
        ({"benchmarks": []}, "no benchmarks"),
        ({"interrupted": True}, "1 of 1 benchmark met. **The run was interrupted.**"),
        (
            {"complete": False},
            (
                "1 of 1 benchmark met. **The run did not come to its end:** this is what was"
                " recorded until then."
            ),
        ),
    ],
)
def test_verdict_and_how_the_run_ended_are_said(changes, line):
    assert line in markdown(small_result(**changes)).splitlines()


def test_failures_and_findings_are_listed_the_commonest_only():
    failures = [{"message": f"look: status {500 + n}", "count": 100 - n} for n in range(12)]
    validity = document()["validity"]
    validity["findings"] = [{"kind": "files", "message": "Few files left.", "invalidates": False}]

    text = markdown(small_result(failures=failures, validity=validity))

    assert "- 100 × look: status 500" in text
    assert "- … and 2 more kinds" in text
    assert "**Worth knowing**\n\n- Few files left." in text


def test_nobody_is_mentioned_and_nothing_is_run():
    name = "@team <img src=x onerror=alert(1)> | `code` **bold** [link](http://evil.example) #12"

    text = markdown(small_result(benchmarks=[row(name)], plan=name))

    assert "@" not in text
    assert "<img" not in text
    assert cells(text)[1][0] == name
    html = RENDERER.render(text)
    assert "<img" not in html
    assert "<a " not in html
    assert "<strong>bold" not in html


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_any_name_is_one_cell_and_shows_as_it_is(name):
    table = cells(markdown(small_result(benchmarks=[row(name)])))

    assert len(table[1]) == 5
    assert table[1][0] == " ".join(name.split())
