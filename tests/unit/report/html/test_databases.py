"""Explained queries of a report: a table, and each plan folded; what they hold is text."""

from __future__ import annotations

import re

from tests.helpers.explained import EXPLAINED
from tests.helpers.small_result import small_result
from wedload.report.html.databases import databases
from wedload.report.html.page import report_page


def explained():
    return small_result().model_copy(update={"explained": EXPLAINED})


def test_each_query_is_a_row_with_what_costs_in_it():
    text = str(databases(explained()))
    rows = [
        re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", text)
    ]
    assert rows[1][:6] == [
        "by name", "catalogue", "412 ms", "380 ms", "Seq Scan on suppliers", "371 ms",
    ]  # fmt: skip
    assert rows[2][3:] == ["–", "–", "–", "it could not be explained: no end within 10s"]
    assert rows[3][-1] == "its plan names nothing that stands out"


def test_queries_and_plans_are_folded_and_shown_as_text():
    text = str(databases(explained()))
    assert text.count("<details>") == 3
    assert "<b>" not in text
    assert "&lt;b&gt;x&lt;/b&gt;" in text
    assert "SELECT id FROM suppliers WHERE name = $1" in text
    assert "&quot;Node Type&quot;: &quot;Seq Scan&quot;" in text


def test_a_page_has_the_part_only_if_there_is_something_to_tell():
    assert 'id="databases"' in report_page(explained())
    assert 'id="databases"' not in report_page(small_result())
