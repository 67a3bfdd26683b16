"""What a real Prometheus was sent of a run is what the run's result says, and ends with it."""

from __future__ import annotations

import time

import pytest

from tests.integration.export.conftest import ITERATIONS, SLOW_S, VUS, seen
from wedload.export.buckets import SECONDS

REQUESTS = VUS * ITERATIONS
DURATION = "wedload_http_req_duration_seconds"


@pytest.fixture(scope="module", params=["classic", "native"])
def written(request, receiver, target, tmp_path_factory):
    """A Prometheus that was sent a run, the result of that, and how to select it."""
    folder = tmp_path_factory.mktemp(request.param)
    histograms = f'histograms = "{request.param}", job = "load"'
    write = f'remote_write = "{receiver.url}/api/v1/write", {histograms}'
    result, told = seen(folder, target, f"prometheus = {{ {write} }}\n")
    assert not [one for one in told if "warning, prometheus" in one]
    return receiver, result, f'job="load", run="{result.run.id}"', request.param


def test_every_picture_has_arrived(written):
    receiver, result, of_run, _ = written
    (export,) = result.monitoring.exports
    assert (export.name, export.to) == ("prometheus.remote_write", receiver.url)
    assert (export.failed, export.problem) == (0, None)
    ((labels, pictures),) = receiver.asked(f"count_over_time(wedload_run_info{{{of_run}}}[1h])")
    assert pictures == export.sent > 1
    assert labels.items() >= {"plan": "seen", "target": "here", "team": "booking"}.items()
    assert labels["version"] == result.run.version


def test_counts_are_those_of_the_result(written):
    receiver, result, of_run, kind = written
    at_s = receiver.last_s(f"wedload_http_reqs_total{{{of_run}}}")
    ((_, requests),) = receiver.asked(f"sum(wedload_http_reqs_total{{{of_run}}})", at_s)
    assert requests == 2 * REQUESTS == result.metrics["http_reqs"].count
    for step in result.steps:
        known = step.metrics["http_req_duration"]
        series = f'{{{of_run}, step="{step.step}"}}'
        count, total = (
            (f"{DURATION}_count{series}", f"{DURATION}_sum{series}")
            if kind == "classic"
            else (f"histogram_count({DURATION}{series})", f"histogram_sum({DURATION}{series})")
        )
        assert receiver.asked(count, at_s)[0][1] == known.count == REQUESTS
        assert receiver.asked(total, at_s)[0][1] == pytest.approx(
            known.avg / 1000 * known.count, rel=1e-4
        )


@pytest.mark.parametrize("q", [0.5, 0.9, 0.95])
def test_quantiles_are_as_near_as_the_buckets_allow(written, q):
    receiver, result, of_run, kind = written
    at_s = receiver.last_s(f"wedload_http_reqs_total{{{of_run}}}")
    for step in result.steps:
        known = step.metrics["http_req_duration"]
        true_s = {0.5: known.med, 0.9: known.p90, 0.95: known.p95}[q] / 1000
        name = f"{DURATION}_bucket" if kind == "classic" else DURATION
        query = f'histogram_quantile({q}, {name}{{{of_run}, step="{step.step}"}})'
        ((_, found_s),) = receiver.asked(query, at_s)
        if kind == "native":  # a bucket of schema 8 is 0.27 % wide, one of ours 0.1 %
            assert found_s == pytest.approx(true_s, rel=0.004)
        else:
            assert max((one for one in SECONDS if one < true_s), default=0) <= found_s
            assert found_s <= min(one for one in SECONDS if one >= true_s)
    assert true_s >= SLOW_S or step.step == "quick"


def test_rows_of_the_benchmark_table_are_there(written):
    receiver, result, of_run, _ = written
    at_s = receiver.last_s(f"wedload_benchmark_met{{{of_run}}}")
    met = receiver.asked(f"wedload_benchmark_met{{{of_run}}}", at_s)
    assert {one["benchmark"]: value for one, value in met} == {
        one.name: 1 for one in result.benchmarks
    }


def test_every_series_has_ended(written):
    receiver, _, of_run, _ = written
    at_s = receiver.last_s(f"wedload_run_info{{{of_run}}}")
    assert len(receiver.ask(f"{{{of_run}}}", at_s)) > 20
    assert receiver.ask(f"{{{of_run}}}", at_s + 0.001) == []
    assert receiver.ask(f"{{{of_run}}}", time.time()) == []


def test_series_differ_by_run_alone(written):
    receiver, result, of_run, kind = written
    name = DURATION if kind == "native" else f"{DURATION}_bucket"
    found = receiver.ask(f"{name}{{{of_run}}}[1h]")
    assert len(found) == len(result.steps) * (1 if kind == "native" else len(SECONDS) + 1)
    other = DURATION if kind == "classic" else f"{DURATION}_bucket"
    assert receiver.ask(f"{other}{{{of_run}}}[1h]") == []
