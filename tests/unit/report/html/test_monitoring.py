"""The monitoring of a report: who got the figures, and what did not arrive."""

from __future__ import annotations

import html

from tests.helpers.sample_result import sample_result
from tests.unit.report.html.test_faults import rows
from wedload.report.html.monitoring import monitoring
from wedload.report.html.page import report_page
from wedload.report.markdown import markdown
from wedload.results.monitoring_model import Alerts, Export, MonitoringFacts, Told

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


def test_who_was_told_and_which_alerts_fired_are_tables_of_their_own():
    told = Told(name="notify", to="http://127.0.0.1:9", sent=0, failed=1, problem="<gone>")
    alerts = Alerts(silenced=["Slow", "Slow"], heard=["<b>Disk</b>"], raised=1)
    found = MonitoringFacts(told=[told], alerts=alerts)
    result = sample_result(scale=0.1).model_copy(update={"monitoring": found})
    shown = monitoring(result)
    assert [[html.unescape(cell) for cell in row] for row in rows(shown)] == [
        ["told", "to", "sent", "failed", "last problem"],
        ["notify", "http://127.0.0.1:9", "0", "1", "<gone>"],
        ["alert", "what became of it", "times"],
        ["Slow", "silenced by the run", "2"],
        ["<b>Disk</b>", "heard", "1"],
    ]
    assert "<b>Disk" not in shown
    assert 'id="monitoring"' in report_page(result)
