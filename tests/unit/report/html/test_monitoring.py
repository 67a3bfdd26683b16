"""The monitoring of a report: who got the figures, and what did not arrive."""

from __future__ import annotations

import html

from tests.helpers.sample_result import sample_result
from tests.unit.report.html.test_faults import rows
from wedload.report.html.monitoring import monitoring
from wedload.report.html.page import report_page
from wedload.report.markdown import markdown
from wedload.results.monitoring_model import Export, MonitoringFacts

EXPORT = Export(
    name="prometheus.remote_write", to="http://127.0.0.1:9090", sent=10, failed=2, skipped=1,
    problem="it answers <500>",
)  # fmt: skip


def result_with(*exports):
    found = MonitoringFacts(exports=list(exports))
    return sample_result(scale=0.1).model_copy(update={"monitoring": found})


def test_a_row_says_what_became_of_each():
    head, row = rows(monitoring(result_with(EXPORT)))
    assert head == ["export", "to", "sent", "failed", "left out", "last problem"]
    assert [html.unescape(one) for one in row[1:]] == [
        "http://127.0.0.1:9090", "10", "2", "1", "it answers <500>",
    ]  # fmt: skip
    assert "<500>" not in monitoring(result_with(EXPORT))


def test_a_report_has_it_if_the_plan_has():
    assert 'id="monitoring"' in report_page(result_with(EXPORT))
    assert 'id="monitoring"' not in report_page(result_with())
    assert 'id="monitoring"' not in report_page(sample_result(scale=0.1))


def test_a_summary_has_a_line_for_each():
    assert "10 pictures of the run sent, 2 failed" in markdown(result_with(EXPORT))
