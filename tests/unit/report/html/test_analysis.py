from __future__ import annotations

import pytest

from tests.helpers import weak_results as weak
from wedload.analysis.analyse import analyse
from wedload.report.html.analysis import analysis
from wedload.report.html.page import report_page


def with_analysis(result, **changes):
    return result.model_copy(update={"analysis": analyse(result).model_copy(update=changes)})


@pytest.fixture(scope="module")
def dropped():
    return with_analysis(weak.index_dropped())


def test_the_verdict_stands_first_and_is_marked(dropped):
    page = analysis(dropped)
    assert page.index("bottleneck: “search suppliers”") < page.index("<li>")
    assert 'class="mark unsure"' in page
    assert 'class="mark good"' in analysis(with_analysis(weak.sound()))


def test_levels_and_parts_have_tables(dropped):
    page = analysis(dropped)
    assert "by spans of traced requests" in page
    assert ">postgresql: SELECT suppliers<" in page
    assert "What could not be said" in page


def test_texts_of_targets_are_escaped():
    page = analysis(with_analysis(weak.sound(), verdict="<b>", sentences=["<i>"]))
    assert "<b>" not in page
    assert "&lt;i&gt;" in page


def test_the_page_has_the_section_and_its_charts_and_pages_of_older_results_have_not(dropped):
    page = report_page(dropped)
    assert 'id="analysis"' in page
    assert 'id="chart-split"' in page
    assert 'id="chart-scalability"' in page
    assert 'id="analysis"' not in report_page(dropped.model_copy(update={"analysis": None}))
