"""Runs whose figures others see while they last: a target with known times, a real Prometheus."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import uvloop

from tests.helpers.ports import free_port
from tests.helpers.servers import Server
from tests.helpers.waiting import GENEROUS_S, until
from wedload.plan.loader import load_plan
from wedload.report.live import QuietView
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.run.options import RunOptions
from wedload.run.session import run_plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUICK_S, SLOW_S = 0.01, 0.06
VUS, ITERATIONS = 4, 30
PLAN = f"""\
schema = 1
name = "seen"
[targets.here]
base_url = "TARGET"
[scenarios.visitors]
executor = "per-vu-iterations"
vus = {VUS}
iterations = {ITERATIONS}
max_duration = "60s"
workflow = "visit"
[[workflows.visit]]
name = "quick"
http = "GET /quick"
check = ["status == 200"]
[[workflows.visit]]
name = "slow"
http = "GET /slow"
tags = {{ "is-critical" = "yes" }}
[benchmarks]
"nothing fails" = "http_req_failed: rate < 1%"
"quick enough" = "http_req_duration{{step=quick}}: p95 < 5s"
[monitoring]
every = "1s"
labels = {{ team = "booking" }}
"""


@pytest.fixture(scope="session")
def target() -> Iterator[Server]:
    """Two pages, each of which takes what it takes."""
    server = Server(lambda path: QUICK_S if path == "/quick" else SLOW_S)
    yield server
    server.close()


def seen(folder: Path, target: Server, monitoring: str) -> tuple[Result, list[str]]:
    """A run of the plan with these lines below `[monitoring]`, and what was told of it."""
    path = folder / "plan.toml"
    path.write_text(PLAN.replace("TARGET", target.url) + monitoring)
    told: list[str] = []

    class Told(QuietView):
        def notice(self, text: str) -> None:
            told.append(text)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        run = runner.run(run_plan(load_plan(path), RunOptions(seed=1), Told(), os.environ))
    return Result.model_validate(json.loads(json.dumps(document_of(run)))), told


class RealPrometheus:
    """A Prometheus that scrapes one port every second."""

    def __init__(self, url: str, scraped: int) -> None:
        self.url, self.scraped = url, scraped

    def asked(self, query: str) -> list[tuple[dict[str, str], float]]:
        """What it answers now."""
        with urllib.request.urlopen(
            f"{self.url}/api/v1/query?{urlencode({'query': query})}"
        ) as got:
            found = json.load(got)["data"]["result"]
        return [(one["metric"], float(one["value"][1])) for one in found]


@pytest.fixture
def prometheus(tmp_path) -> Iterator[RealPrometheus]:
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("Prometheus is not installed")
    scraped, port = free_port(), free_port()
    (tmp_path / "prometheus.yml").write_text(
        "global: { scrape_interval: 1s }\n"
        "scrape_configs:\n"
        f"  - {{ job_name: wedload, static_configs: [{{ targets: ['127.0.0.1:{scraped}'] }}] }}\n"
    )
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                program, f"--config.file={tmp_path}/prometheus.yml",
                f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL, stderr=log, cwd=tmp_path,
        )  # fmt: skip
        found = RealPrometheus(f"http://127.0.0.1:{port}", scraped)

        def scrapes() -> bool:
            with contextlib.suppress(OSError):
                return found.asked("up") != []
            return False

        try:
            asyncio.run(until(scrapes))
            yield found
        finally:
            process.terminate()
            process.wait(GENEROUS_S)
