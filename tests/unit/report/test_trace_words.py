from wedload.report.trace_words import trace_words
from wedload.traces.found import FoundTraces
from wedload.traces.held import Account


def test_a_line_says_how_many_were_traced_and_what_came_back():
    account = Account(traces=1_200, spans=7_210, late=3, foreign=20)
    found = FoundTraces(0.05, "http://127.0.0.1:1", requests=1_204, account=account)
    (line,) = trace_words(found)
    assert line == (
        "tracing: 1,204 requests traced (5 %); 1,200 came back, with 7,210 spans"
        " (and 3 late, 20 foreign)"
    )
    assert list(trace_words(None)) == []
