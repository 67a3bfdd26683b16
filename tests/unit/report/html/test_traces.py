"""Traces of a report: whose time it was, and what responses said of themselves."""

from __future__ import annotations

import pytest

from tests.helpers.sample_result import sample_result
from tests.unit.report.html.test_faults import rows
from wedload.report.html.page import report_page
from wedload.report.html.traces import traces
from wedload.results.traces_model import ServerTiming, SpanSlot, Traces


def span_slot(service, operation, self_ms, critical_ms, slot=0, count=2):
    return SpanSlot(
        slot=slot, scenario="main", step="search", service=service, operation=operation,
        count=count, self_ms=self_ms, critical_ms=critical_ms, max_self_ms=self_ms, errors=1,
    )  # fmt: skip


def result_with(operations, timings=()):
    found = Traces(
        share=0.05, requests=5, traces=4, spans=12, slots_s=[0.0, 1.0], slot_s=1.0,
        operations=operations, server_timing=list(timings),
    )  # fmt: skip
    return sample_result(scale=0.1).model_copy(update={"traces": found})


@pytest.fixture(scope="module")
def traced():
    return result_with(
        [
            span_slot("api", "GET /search", 40.0, 20.0),
            span_slot("postgresql", "SELECT", 100.0, 50.0),
            span_slot("postgresql", "SELECT", 20.0, 10.0, slot=1),
        ],
        [
            ServerTiming(slot=at, scenario="main", step="search", name="db", count=2, sum_ms=9.0)
            for at in (0, 1)
        ],
    )


def test_operations_stand_by_their_part_of_critical_paths(traced):
    head, first, second, timing_head, timing = rows(traces(traced))
    assert head[:4] == ["operation", "spans", "self", "on the path"]
    assert first == ["SELECT|postgresql", "4", "30 ms", "15 ms", "75 %", "100 ms", "2"]
    assert second == ["GET /search|api", "2", "10 ms", "5.0 ms", "25 %", "40 ms", "1"]
    assert timing_head == ["entry", "responses", "on average"]
    assert timing == ["db|search", "4", "4.5 ms"]
    assert "5 requests were traced, and 4 came back with 12 spans" in str(traces(traced))


def test_of_many_operations_those_that_matter_are_shown():
    many = [span_slot("api", f"GET /{at}", 1.0, float(at)) for at in range(50)]
    html = traces(result_with(many))
    assert len(rows(html)) == 41
    assert "10 operations more" in str(html)


def test_a_page_has_them_if_something_was_traced(traced):
    assert 'id="traces"' in report_page(traced)
    assert 'id="traces"' not in report_page(sample_result(scale=0.1))


def test_names_of_operations_are_text_and_no_markup():
    html = str(traces(result_with([span_slot("<b>", "<script>alert(1)</script>", 1.0, 1.0)])))
    assert "<script>" not in html
    assert "<b>" not in html
