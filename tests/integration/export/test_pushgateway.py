"""A real Pushgateway has the verdict of a run, and of the one before nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.helpers.pictures import COMMON, standing
from tests.helpers.ports import free_port
from tests.helpers.programs import installed
from tests.helpers.waiting import GENEROUS_S, until
from tests.integration.export.conftest import seen
from wedload.export.endpoint import Endpoint
from wedload.export.picture import verdict_picture
from wedload.export.port import ExportError
from wedload.export.pushgateway import Pushgateway


def got(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    program = installed("prometheus-pushgateway")
    url = f"http://127.0.0.1:{(port := free_port())}"
    folder = tmp_path_factory.mktemp("pushgateway")

    def is_ready():
        with contextlib.suppress(OSError):
            return got(f"{url}/-/ready") == "OK"
        return False

    with (folder / "log").open("wb") as log:
        # without a file: Debian's is the machine's own
        process = subprocess.Popen(
            [program, f"--web.listen-address=127.0.0.1:{port}", "--persistence.file="],
            stderr=log,
            cwd=folder,
        )
        try:
            asyncio.run(until(is_ready))
            yield url
        finally:
            process.terminate()
            process.wait(GENEROUS_S)


def kept(gateway, name, **labels):
    """The samples of a metric that it has, but for its own."""
    return [
        (one.labels, one.value)
        for family in text_string_to_metric_families(got(f"{gateway}/metrics"))
        for one in family.samples
        if one.name == name and labels.items() <= one.labels.items()
    ]


def test_the_verdict_of_a_run_is_there_when_it_is_over(tmp_path, target, gateway):
    push = f'prometheus = {{ pushgateway = "{gateway}", job = "load" }}\n'
    result, _ = seen(tmp_path, target, push)
    (export,) = result.monitoring.exports
    assert (export.name, export.to) == ("prometheus.pushgateway", gateway)
    assert (export.sent, export.failed, export.problem) == (1, 0, None)

    of_run = {"run": result.run.id, "job": "load", "plan": "seen"}
    verdict = kept(gateway, "wedload_verdict", **of_run)
    assert {one["outcome"]: value for one, value in verdict} == {"pass": 1, "fail": 0, "invalid": 0}
    samples = kept(gateway, "wedload_benchmark_samples", **of_run)
    rows = {one["benchmark"]: value for one, value in samples}
    assert rows == {one.name: one.samples for one in result.benchmarks}
    observed = kept(gateway, "wedload_benchmark_observed", benchmark="quick enough", **of_run)
    (row,) = (one for one in result.benchmarks if one.name == "quick enough")
    assert [(one["unit"], value) for one, value in observed] == [
        ("seconds", pytest.approx(row.observed / 1000))
    ]
    ((_, ended_s),) = kept(gateway, "wedload_run_end_timestamp_seconds", **of_run)
    assert ended_s >= result.run.started_at.timestamp()
    # what is of the load alone is not of the verdict
    assert kept(gateway, "wedload_http_reqs_total") == []


async def push(gateway, plan, outcome, run):
    exporter = Pushgateway(Endpoint(gateway, ("127.0.0.1",)), "load", plan)
    common = {**COMMON, "plan": plan, "run": run}
    try:
        await exporter.send(verdict_picture(common, standing(is_last=True), outcome))
    finally:
        await exporter.close()


@pytest.mark.parametrize("plan", ["shop", "third party", "a/b", "größe", ".."])
def test_a_verdict_takes_the_place_of_the_one_before(gateway, plan):
    asyncio.run(push(gateway, plan, "fail", "r1"))
    asyncio.run(push(gateway, plan, "pass", "r2"))
    verdict = kept(gateway, "wedload_verdict", plan=plan)
    assert {(one["run"], one["outcome"], value) for one, value in verdict} == {
        ("r2", "pass", 1), ("r2", "fail", 0), ("r2", "invalid", 0),
    }  # fmt: skip
    groups = json.loads(got(f"{gateway}/api/v1/metrics"))["data"]
    assert {"job": "load", "plan": plan} in [one["labels"] for one in groups]


async def test_what_is_no_pushgateway_is_said(gateway):
    exporter = Pushgateway(Endpoint(f"{gateway}/elsewhere", ("127.0.0.1",)), "load", "odd")
    with pytest.raises(ExportError, match=f"^{gateway} answers 404: 404 page not found$") as caught:
        await exporter.send(verdict_picture({"plan": "odd"}, standing(), "pass"))
    await exporter.close()
    assert caught.value.lasting
