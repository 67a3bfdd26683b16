"""A comparison in a pull request."""

from __future__ import annotations

import re
from html import escape

import pytest
from markdown_it import MarkdownIt

from wedload.report.comparison.markdown import as_markdown


def test_markdown_is_a_table_with_a_line_for_each_change(make):
    text = as_markdown(make())

    assert text.startswith("### ❌ REGRESSION: 2 of 6 rows worse")
    assert "- ❌ submit form p95 +18 % (12–25 %), 412 → 486 ms" in text
    assert "| ❌ | submit form p95 | 412 ms | 486 ms | +18 % | 12–25 % |" in text
    assert text.count("\n| ") == 8  # head, rule and rows


@pytest.mark.parametrize("name", ["a | b", "<script>alert(1)</script>", "*bold* _x_ `code` [l](u)"])
def test_names_are_no_markdown(make, make_row, name):
    text = as_markdown(make([make_row(name, outcome="no-regression", base=1.0, current=1.0,
                                      change=0.0)], "no-regression"))  # fmt: skip

    row = next(line for line in text.splitlines() if line.startswith("| ✅"))
    assert len(re.findall(r"(?<!\\)\|", row)) == 7
    assert "<script>" not in text
    assert re.search(r"(?<!\\)[*`\[<]", row) is None


def test_a_name_in_a_comparison_mentions_nobody_and_links_nowhere(make, make_row):
    name = "@torvalds see https://evil.example &lt;b&gt;"
    rows = [make_row(name, outcome="no-regression", base=1.0, current=1.0, change=0.0)]

    text = as_markdown(make(rows, "no-regression"))

    assert "@torvalds" not in text
    assert "https://" not in text
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert escape(name, quote=False) in html
