"""A real Prometheus with the rules of `monitoring/performance`, quicker than its example."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.helpers.monitoring_rules import PLACE, RULES
from tests.helpers.ports import free_port
from tests.helpers.prometheus import RealPrometheus, real_prometheus
from tests.helpers.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLE = PLACE / "prometheus" / "prometheus.example.yml"


class Prometheus(RealPrometheus):
    """One that fetches from a port, and judges by the rules."""

    def __init__(self, url: str, fetches: str) -> None:
        super().__init__(url)
        self.fetches = fetches  # where from: host and port

    def got(self, path: str, **query: str) -> dict[str, Any]:
        """What another part of its API says."""
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urlencode(query)}") as answer:
            return json.load(answer)["data"]

    def last(self, series: str) -> list[tuple[dict[str, str], float]]:
        """The last figure of each series, ended or not."""
        return self.asked(f"last_over_time({series}[5m])")


def quick(folder: Path, fetches: str) -> str:
    """The example, of which everything is done each second; nobody is told of alerts."""
    (folder / "rules").mkdir()
    for file in RULES:
        text = re.sub(r"\b(interval|for): \d+s", r"\1: 1s", file.read_text())
        (folder / "rules" / file.name).write_text(text)
    text = EXAMPLE.read_text().replace("../rules/", "rules/").replace("127.0.0.1:9646", fetches)
    text = re.sub(r"_interval: \d+s", "_interval: 1s", text)
    text = re.sub(r"alerting:\n(?: .*\n)+", "", text)
    return re.sub(r"  - job_name: pushgateway\n(?:    .*\n)+", "", text)


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """One for all tests: it takes seconds to start."""
    folder = tmp_path_factory.mktemp("prometheus")
    fetches = f"127.0.0.1:{free_port()}"
    with real_prometheus(folder, config=quick(folder, fetches)) as started:
        found = Prometheus(started.url, fetches)
        asyncio.run(until(lambda: found.asked('up{job="wedload"}') != []))
        yield found
