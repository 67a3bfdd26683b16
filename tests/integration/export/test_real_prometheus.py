"""What a real Prometheus has fetched of a run is what the run's result says."""

from __future__ import annotations

import pytest

from tests.integration.export.conftest import ITERATIONS, SLOW_S, VUS, seen
from wedload.export.buckets import SECONDS

REQUESTS = VUS * ITERATIONS


def last(name, by=""):
    """A query of the last value of each series, added up."""
    return f"sum {f'by ({by}) ' if by else ''}(last_over_time({name}[5m]))"


def test_a_prometheus_that_fetches_metrics_has_all_of_a_run(tmp_path, target, prometheus, scraped):
    listen = f'prometheus = {{ listen = "127.0.0.1:{scraped}" }}\n'
    result, told = seen(tmp_path, target, listen)

    (export,) = result.monitoring.exports
    assert (export.name, export.failed, export.problem) == ("prometheus.listen", 0, None)
    assert export.to == f"http://127.0.0.1:{scraped}/metrics"
    assert not [one for one in told if "warning, prometheus" in one]

    ((_, requests),) = prometheus.asked(last("wedload_http_reqs_total"))
    assert requests == 2 * REQUESTS == result.metrics["http_reqs"].count
    steps = prometheus.asked(last("wedload_http_req_duration_seconds_count", "step"))
    assert {one["step"]: count for one, count in steps} == {"quick": REQUESTS, "slow": REQUESTS}
    checks = prometheus.asked(last("wedload_checks_total", "outcome"))
    assert checks == [({"outcome": "pass"}, REQUESTS)]
    assert_quantile_is_in_the_bucket_of_the_results(prometheus, result)

    ((labels, _),) = prometheus.asked("last_over_time(wedload_run_info[5m])")
    assert (labels["plan"], labels["target"], labels["team"]) == ("seen", "here", "booking")
    assert (labels["run"], labels["version"]) == (result.run.id, result.run.version)
    met = prometheus.asked("last_over_time(wedload_benchmark_met[5m])")
    assert {one["benchmark"]: value for one, value in met} == {
        "nothing fails": 1, "quick enough": 1,
    }  # fmt: skip
    critical = prometheus.asked('last_over_time(wedload_http_reqs_total{is_critical="yes"}[5m])')
    assert [one["step"] for one, _ in critical] == ["slow"]


def assert_quantile_is_in_the_bucket_of_the_results(prometheus, result):
    buckets = last('wedload_http_req_duration_seconds_bucket{step="slow"}', "le")
    ((_, found_s),) = prometheus.asked(f"histogram_quantile(0.95, {buckets})")
    (step,) = (one for one in result.steps if one.step == "slow")
    true_s = step.metrics["http_req_duration"].p95 / 1000
    below = max((bound for bound in SECONDS if bound < true_s), default=0)
    above = min(bound for bound in SECONDS if bound >= true_s)
    assert below <= found_s <= above
    assert true_s >= SLOW_S
    sums = prometheus.asked(last('wedload_http_req_duration_seconds_sum{step="slow"}'))
    mean_s = step.metrics["http_req_duration"].avg / 1000
    assert sums[0][1] == pytest.approx(mean_s * REQUESTS, rel=1e-3)
