"""Trace contexts that callers send."""

from __future__ import annotations

import re

import pytest

from wedload.sandbox.third_parties.trace import Trace, trace_of

ID = "0af7651916cd43dd8448eb211c80319c"


def test_the_callers_trace_is_kept_with_a_new_span_each_time():
    trace = trace_of(f"00-{ID}-b7ad6b7169203331-01")
    one, other = trace.traceparent(), trace.traceparent()
    assert one != other
    for each in (one, other):
        assert re.fullmatch(rf"00-{ID}-[0-9a-f]{{16}}-01", each)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "nonsense",
        f"ff-{ID}-b7ad6b7169203331-01",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{ID}-{'0' * 16}-01",
        f"00-{ID.upper()}-b7ad6b7169203331-01",
    ],
)
def test_what_is_no_trace_gets_a_new_one(header):
    found = trace_of(header)
    assert re.fullmatch("[0-9a-f]{32}", found.id)
    assert found.id not in {ID, "0" * 32}
    assert trace_of(header).id != found.id


def test_an_operation_without_a_caller_has_a_trace_of_its_own():
    assert Trace().id != Trace().id
