from wedload.traces.found import FoundTraces
from wedload.traces.held import Account
from wedload.verdict.trace_findings import trace_findings

URL = "http://127.0.0.1:4318"


def findings(**changes):
    return list(trace_findings(FoundTraces(0.05, URL, **changes)))


def test_where_nothing_was_traced_or_all_came_back_there_is_nothing_to_say():
    assert list(trace_findings(None)) == []
    assert findings() == []
    assert findings(requests=9, exports=2, account=Account(traces=9, spans=20)) == []


def test_a_target_that_sends_no_spans_is_told_how():
    (one,) = findings(requests=1_234)
    assert one.kind == "no-traces"
    assert "1,234 requests were traced, and nobody sent any spans" in one.message
    assert f"OTEL_EXPORTER_OTLP_ENDPOINT={URL}" in one.message
    assert not one.invalidates


def test_spans_of_other_requests_alone_ask_for_the_header():
    (one,) = findings(requests=9, exports=2, account=Account(foreign=40))
    assert "40 spans came that are not of these requests" in one.message
    assert "traceparent" in one.message
    (other,) = findings(requests=9, exports=2, account=Account(broken=3))
    assert "none came back, though there were requests of exporters" in other.message


def test_spans_without_room_may_be_missing_in_traces():
    account = Account(traces=9, refused=7)
    (one,) = findings(requests=9, exports=2, turned_away=3, account=account)
    assert one.kind == "spans-refused"
    assert "7 spans had no room" in one.message
    assert "3 requests of exporters" in one.message


def test_a_lost_receiver_is_told_of_and_nothing_else():
    (one,) = findings(requests=9, lost="the process that receives spans (pid 7) was lost: signal 9")
    assert one.kind == "traces-lost"
    assert "signal 9" in one.message
