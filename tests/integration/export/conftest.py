"""Runs whose figures others see while they last: a target with known times, a real Prometheus."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING

import pytest
import uvloop

from tests.helpers.ports import free_port
from tests.helpers.prometheus import RECEIVING, RealPrometheus, real_prometheus
from tests.helpers.servers import Server
from tests.helpers.waiting import until
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


@pytest.fixture
def scraped() -> int:
    """The port that the Prometheus fetches from."""
    return free_port()


@pytest.fixture
def prometheus(tmp_path, scraped) -> Iterator[RealPrometheus]:
    """One that fetches from a port every second."""
    config = (
        "global: { scrape_interval: 1s }\n"
        "scrape_configs:\n"
        f"  - {{ job_name: wedload, static_configs: [{{ targets: ['127.0.0.1:{scraped}'] }}] }}\n"
    )
    with real_prometheus(tmp_path, config=config) as found:
        asyncio.run(until(lambda: found.asked("up") != []))
        yield found


@pytest.fixture(scope="session")
def receiver(tmp_path_factory) -> Iterator[RealPrometheus]:
    """One that takes what is written to it."""
    with real_prometheus(tmp_path_factory.mktemp("receiver"), *RECEIVING) as found:
        yield found
