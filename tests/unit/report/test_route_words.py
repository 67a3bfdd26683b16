"""Routes in words: differences with their sign, and what a gateway did to requests."""

from __future__ import annotations

import pytest

from tests.helpers.routed import CLUSTER, pairs, routed
from wedload.report.route_words import added, cluster_words, lines_of, route_notes, sure
from wedload.results.routes_model import EnvoyCluster


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0.3104, "+0.310 ms"), (-0.0123, "-0.012 ms"), (12.34, "+12.3 ms"), (0.0, "+0.000 ms"),
        (-1234.5, "-1234 ms"), (None, "–"),
    ],
)  # fmt: skip
def test_differences_have_a_sign_and_three_digits(ms, said):
    assert added(ms) == said


def test_intervals_have_both_ends_or_are_withheld():
    assert sure((-0.1, 0.25)) == "-0.100 … +0.250 ms"
    assert sure(None) == "–"


def test_steps_are_below_their_route_if_there_are_several():
    (route,) = routed().routes
    assert [name for name, _ in lines_of([route])] == ["gate", "  look", "  find"]
    (alone,) = routed(steps=[pairs("look")]).routes
    assert [name for name, _ in lines_of([alone])] == ["gate"]


def test_what_was_left_out_and_what_envoy_counted_is_said():
    (route,) = routed().routes
    left_out, counted = route_notes(route)
    assert left_out == "gate: 3 pairs left out (2 with a new connection, 1 failed)"
    assert counted == (
        "gate: Envoy, cluster platform: 4,012 requests, 9 repeated, 7 of these answered well, "
        "1 repeated in vain, 3 refused as too many waited, 11 passed on as 5xx"
    )
    quiet = dict.fromkeys(CLUSTER, 0) | {"cluster": "a", "rq_total": 5}
    assert cluster_words(EnvoyCluster.model_validate(quiet)) == (
        "5 requests, none repeated or refused"
    )


def test_a_short_run_and_an_envoy_that_does_not_answer_are_named():
    envoy = {"admin": "http://127.0.0.1:9901", "problem": "it did not answer: gone"}
    short = pairs(None, avg_95=None) | {"cold": 0, "failed": 0}
    (route,) = routed(pairs=short, envoy=envoy).routes
    assert list(route_notes(route)) == [
        "gate: too short a run to say how sure its mean is; some 10 s may do",
        "gate: Envoy at http://127.0.0.1:9901: it did not answer: gone",
    ]
