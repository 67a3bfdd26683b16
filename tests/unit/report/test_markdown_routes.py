"""Routes of a result in Markdown."""

from __future__ import annotations

from tests.helpers.routed import routed
from wedload.report.markdown import markdown
from wedload.report.markdown_routes import routes


def test_a_table_of_routes_and_what_there_is_to_know_of_each():
    text = markdown(routed())
    assert "| gate | 4,000 | 0.468 ms | 0.778 ms | +0.310 ms | +0.294 … +0.327 ms |" in text
    assert "- gate: Envoy, cluster platform: 4,012 requests, 9 repeated" in text
    assert routes([]) == ""
