"""What is read of an Envoy's counters, and what was counted in between."""

from __future__ import annotations

import pytest

from wedload.dependencies.envoy import COUNTERS, QUERY, counts_in, grown

ANSWER = {
    "stats": [
        {"name": "cluster.a.b.upstream_rq_total", "value": 30},
        {"name": "cluster.a.b.upstream_rq_retry", "value": 3},
        {"name": "cluster.a.b.internal.upstream_rq_5xx", "value": 3},
        {"name": "cluster.a.b.upstream_rq_retry_success", "value": 2},
        {"name": "cluster.a.b.upstream_rq_retry_backoff", "value": 9},
        {"name": "cluster.other.upstream_rq_total", "value": 7},
        {"name": "http.gateway.upstream_rq_total", "value": 8},
        {"name": "cluster.other.upstream_cx_overflow", "value": "7"},
        {"name": "cluster.other.upstream_rq_5xx", "value": True},
        {"histograms": {}}, "nonsense", None,
    ]
}  # fmt: skip


def test_counters_are_told_by_cluster_whatever_it_is_called():
    assert counts_in(ANSWER) == {
        "a.b": {"upstream_rq_total": 30, "upstream_rq_retry": 3, "upstream_rq_retry_success": 2},
        "other": {"upstream_rq_total": 7},
    }
    assert all(f"{one}%24" in QUERY for one in COUNTERS)


@pytest.mark.parametrize("answer", [None, [], {}, {"stats": {}}, "stats", 5])
def test_what_is_no_answer_of_it_is_said(answer):
    with pytest.raises(ValueError, match="is that the address of an Envoy"):
        counts_in(answer)


def test_what_was_counted_is_the_difference_of_two_answers():
    before = {"a": {"upstream_rq_total": 5}, "idle": {"upstream_rq_total": 1}}
    after = {
        "a": {"upstream_rq_total": 12, "upstream_rq_retry": 2},
        "idle": {"upstream_rq_total": 1},
        "new": {"upstream_rq_5xx": 4},
    }
    counts, same = grown(before, after)
    assert same
    assert set(counts) == {"a", "new"}
    assert (counts["a"]["upstream_rq_total"], counts["a"]["upstream_rq_retry"]) == (7, 2)
    assert counts["new"]["upstream_rq_5xx"] == 4
    assert set(counts["a"]) == set(COUNTERS)


def test_of_one_that_was_started_anew_its_own_are_known():
    counts, same = grown({"a": {"upstream_rq_total": 50}}, {"a": {"upstream_rq_total": 12}})
    assert not same
    assert counts["a"]["upstream_rq_total"] == 12
