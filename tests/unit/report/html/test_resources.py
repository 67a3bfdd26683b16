"""The section on resources of a report."""

from __future__ import annotations

from tests.helpers.small_result import small_result
from tests.helpers.watched import with_resources
from wedload.report.html.page import report_page
from wedload.report.html.resources import resources


def test_every_quantity_lock_and_statement_has_a_row_and_texts_are_escaped():
    html = str(resources(with_resources(small_result())))

    for text in (
        "<small>process: gunicorn</small>", "<td>lock waits</td>", ">100<", "row of bookings",
        "UPDATE bookings SET a = ? WHERE id = ?", "SELECT &lt;b&gt; FROM t",
        "/sys/fs/cgroup/a is not there", "statements of other users are not shown",
    ):  # fmt: skip
        assert text in html


def test_page_of_a_run_without_levels_has_no_such_section():
    result = small_result()
    (*_, gone) = with_resources(result).resources

    assert 'id="resources"' not in report_page(with_resources(result, [gone]))
    assert 'id="resources"' in report_page(with_resources(result))
