"""What is said of gateways that repeated requests, let none through, or do not answer."""

from __future__ import annotations

from wedload.dependencies.envoy import COUNTERS, Envoy
from wedload.verdict.gateway_findings import gateway_findings

QUIET = dict.fromkeys(COUNTERS, 0) | {"upstream_rq_total": 20}


def test_retries_and_overflows_are_warnings_with_their_numbers():
    busy = QUIET | {"upstream_rq_retry": 3, "upstream_rq_pending_overflow": 1}
    (found,) = gateway_findings({"gate": Envoy("http://h:1", {"a": busy, "b": QUIET})})
    assert found.kind == "gateway-retries"
    assert (found.invalidates, found.fails) == (False, False)
    assert (
        "Route gate, cluster a: Envoy counted 3 repeated requests, 1 request overflow in "
        "20 requests to it."
    ) in found.message


def test_counters_that_are_not_known_are_a_warning():
    (found,) = gateway_findings({"gate": Envoy("http://h:1", problem="it did not answer: no")})
    assert (found.kind, found.invalidates) == ("envoy-unknown", False)
    assert found.message == "Route gate, Envoy at http://h:1: it did not answer: no."
    assert not list(gateway_findings({"gate": Envoy("http://h:1", {"a": QUIET})}))
