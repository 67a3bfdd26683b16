"""Text in Markdown: it shows as it is."""

from __future__ import annotations

from wedload.report.markdown_text import bullets, escaped, table


def test_names_of_metrics_stay_readable_in_the_source():
    assert escaped("http_req_duration: p95 < 2s") == "http_req_duration: p95 &#60; 2s"


def test_a_list_and_a_table_hold_one_line_each():
    assert bullets(["a\nb", "c"]) == "- a b\n- c"
    assert table(("Step", ">p95"), [("a|b", "1 ms")]).splitlines() == [
        "| Step | p95 |", "| --- | ---: |", "| a&#124;b | 1 ms |",
    ]  # fmt: skip
