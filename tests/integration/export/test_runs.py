"""Runs that are seen while they last: what a file gets of them, and what cannot be delivered."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import math
import os
import socket

import pytest
import uvloop
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from tests.helpers.places import PLANS
from tests.helpers.taker import Taker
from tests.integration.export.conftest import ITERATIONS, VUS, seen
from wedload.export.names import COMMON_LABELS, EXPORTED
from wedload.plan.loader import load_plan
from wedload.report.live import QuietView
from wedload.run import monitoring
from wedload.run.options import RunOptions
from wedload.run.session import run_plan

REQUESTS = VUS * ITERATIONS
FILE = 'json_lines = "figures.jsonl"\n'


def findings(result):
    return [one.message for one in result.validity.findings if one.kind == "not-exported"]


def series(line, name, **labels):
    return [
        one for one in line["series"]
        if one["name"] == name and labels.items() <= one["labels"].items()
    ]  # fmt: skip


def test_a_file_has_the_whole_run_in_its_last_line(tmp_path, target):
    result, told = seen(tmp_path, target, FILE)
    lines = [json.loads(one) for one in (tmp_path / "figures.jsonl").read_text().splitlines()]
    (export,) = result.monitoring.exports
    assert (export.name, export.sent, export.problem) == ("json_lines", len(lines), None)
    assert f"figures of the run: {tmp_path / 'figures.jsonl'}" in told
    assert findings(result) == []

    *before, last = lines
    assert [one["last"] for one in lines] == [*[False] * len(before), True]
    requests = [
        sum(one["value"] for one in series(line, "wedload_http_reqs_total")) for line in lines
    ]
    assert requests == sorted(requests)
    assert requests[-1] == 2 * REQUESTS == result.metrics["http_reqs"].count
    for step in result.steps:
        (of_step,) = series(last, "wedload_http_req_duration_seconds", step=step.step)
        known = step.metrics["http_req_duration"]
        assert of_step["count"] == known.count
        for name, ms in (("p50", known.med), ("p95", known.p95), ("max", known.max)):
            assert of_step[name] * 1000 == pytest.approx(ms, abs=1e-3)
    assert [one["value"] for one in series(last, "wedload_vus")] == [0]
    rows = {
        one["labels"]["benchmark"]: one["value"]
        for one in series(last, "wedload_benchmark_samples")
    }
    assert rows == {one.name: one.samples for one in result.benchmarks}


def test_a_port_that_is_taken_is_a_warning_and_the_others_get_theirs(tmp_path, target):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        listen = f'prometheus = {{ listen = "127.0.0.1:{port}" }}\n'
        result, told = seen(tmp_path, target, FILE + listen)
    said = f"nobody can listen at http://127.0.0.1:{port}/metrics: Address already in use"
    assert f"warning, prometheus.listen: {said}" in told
    assert findings(result) == [f"prometheus.listen: {said}; nothing was sent."]
    scrape, file = result.monitoring.exports
    assert (scrape.sent, scrape.failed, scrape.problem) == (0, 0, said)
    assert file.sent >= 2
    assert result.verdict == "pass"


def test_a_defect_in_taking_pictures_ends_no_load(tmp_path, target, monkeypatch):
    def broken(*_):
        raise ValueError("no such thing")

    monkeypatch.setattr(monitoring, "picture", broken)
    result, told = seen(tmp_path, target, FILE)
    assert told.count("warning, no figures are sent any more: ValueError: no such thing") == 1
    assert findings(result) == ["Figures of the run were sent no more: ValueError: no such thing."]
    assert (result.verdict, result.metrics["http_reqs"].count) == ("pass", 2 * REQUESTS)


def test_no_series_has_a_label_that_the_list_does_not_have(tmp_path):
    """In a run with webhooks, third parties, fallbacks and faults."""
    path = tmp_path / "plan.toml"
    path.write_text((PLANS / "cross_service.toml").read_text() + f"\n[monitoring]\n{FILE}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        options = RunOptions(seed=1, time_scale=0.02)
        runner.run(run_plan(load_plan(path), options, QuietView(), os.environ))
    lines = (tmp_path / "figures.jsonl").read_text().splitlines()
    found = json.loads(lines[-1])["series"]
    for one in found:
        assert set(one["labels"]) <= {*COMMON_LABELS, *EXPORTED[one["name"]].labels}, one
    names = {one["name"] for one in found}
    assert {
        "wedload_webhook_delivery_duration_seconds", "wedload_dependency_requests_total",
        "wedload_operation_attempts", "wedload_fallbacks_total", "wedload_fault_active",
        "wedload_resource_cpu_ratio",
    } <= names  # fmt: skip


def test_a_collector_gets_the_whole_run_by_otlp(tmp_path, target):
    taker = Taker()
    result, _ = seen(tmp_path, target, f'otlp = {{ endpoint = "{taker.url}" }}\n')
    taker.close()
    (export,) = result.monitoring.exports
    assert (export.name, export.sent, export.failed) == ("otlp", len(taker.taken), 0)
    *_, body = taker.taken[-1]
    (of_run,) = ExportMetricsServiceRequest.FromString(gzip.decompress(body)).resource_metrics
    own = {one.key: one.value.string_value for one in of_run.resource.attributes}
    assert own == {
        "service.name": "wedload", "service.version": result.run.version, "plan": "seen",
        "target": "here", "run": result.run.id, "team": "booking",
    }  # fmt: skip
    found = {one.name: one for one in of_run.scope_metrics[0].metrics}
    requests = found["wedload_http_reqs_total"].sum.data_points
    assert sum(one.as_double for one in requests) == 2 * REQUESTS
    durations = found["wedload_http_req_duration_seconds"]
    assert durations.unit == "s"
    for point in durations.exponential_histogram.data_points:
        (step,) = (
            step for step in result.steps
            for one in point.attributes if (one.key, one.value.string_value) == ("step", step.step)
        )  # fmt: skip
        known = step.metrics["http_req_duration"]
        assert (point.count, sum(point.positive.bucket_counts)) == (known.count, known.count)
        assert point.sum == pytest.approx(known.avg / 1000 * known.count, rel=1e-4)
        assert (point.min, point.max) == pytest.approx(
            (known.min / 1000, known.max / 1000), rel=1e-4
        )
        rank = math.ceil(0.95 * known.count)
        counts = itertools.accumulate(point.positive.bucket_counts)
        at = next(n for n, count in enumerate(counts) if count >= rank) + point.positive.offset
        base = 2 ** (2.0**-point.scale)
        assert base**at * 0.999 <= known.p95 / 1000 <= base ** (at + 1) * 1.001


def test_what_is_secret_of_an_endpoint_is_sent_and_never_said(tmp_path, target, monkeypatch):
    canary = "canary-8f31c2"
    monkeypatch.setenv("WEDLOAD_METRICS_TOKEN", canary)
    taker = Taker([(500, {}, f"no {canary} here".encode())] * 100)
    url = f"{taker.url}/push/${{env.WEDLOAD_METRICS_TOKEN}}"
    headers = '{ Authorization = "Bearer ${env.WEDLOAD_METRICS_TOKEN}" }'
    write = f'prometheus = {{ remote_write = "{url}", headers = {headers} }}\n'
    result, told = seen(tmp_path, target, write)
    taker.close()
    for _, path, sent, _ in taker.taken:
        assert (path, sent["Authorization"]) == (f"/push/{canary}", f"Bearer {canary}")
    (export,) = result.monitoring.exports
    assert f"{taker.url} answers 500: no " in export.problem
    assert canary not in result.model_dump_json() + "".join(told)
