"""A real Prometheus with the rules of `monitoring/performance`, quicker than its example."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
import subprocess
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.helpers.monitoring_rules import PLACE, RULES
from tests.helpers.ports import free_port
from tests.helpers.waiting import GENEROUS_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXAMPLE = PLACE / "prometheus" / "prometheus.example.yml"


class Prometheus:
    """One that runs."""

    def __init__(self, url: str, fetches: str) -> None:
        self.url = url
        self.fetches = fetches  # where from: host and port

    def got(self, path: str, **query: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urlencode(query)}") as answer:
            return json.load(answer)["data"]

    def asked(self, query: str, at_s: float | None = None) -> list[tuple[dict[str, str], float]]:
        at = {} if at_s is None else {"time": str(at_s)}
        found = self.got("query", query=query, **at)["result"]
        return [(one["metric"], float(one["value"][1])) for one in found]

    def last(self, series: str) -> list[tuple[dict[str, str], float]]:
        """The last figure of each series, ended or not."""
        return self.asked(f"last_over_time({series}[5m])")


def quick(folder: Path, fetches: str) -> Path:
    """The example, of which everything is done each second; nobody is told of alerts."""
    (folder / "rules").mkdir()
    for file in RULES:
        text = re.sub(r"\b(interval|for): \d+s", r"\1: 1s", file.read_text())
        (folder / "rules" / file.name).write_text(text)
    text = EXAMPLE.read_text().replace("../rules/", "rules/").replace("127.0.0.1:9646", fetches)
    text = re.sub(r"_interval: \d+s", "_interval: 1s", text)
    text = re.sub(r"alerting:\n(?: .*\n)+", "", text)
    text = re.sub(r"  - job_name: pushgateway\n(?:    .*\n)+", "", text)
    path = folder / "prometheus.yml"
    path.write_text(text)
    return path


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """One for all tests: it takes seconds to start."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("Prometheus is not installed")
    folder = tmp_path_factory.mktemp("prometheus")
    found = Prometheus(f"http://127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}")
    command = [
        program, f"--config.file={quick(folder, found.fetches)}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={found.url.removeprefix('http://')}",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, cwd=folder)

    def scrapes() -> bool:
        with contextlib.suppress(OSError):
            return found.asked('up{job="wedload"}') != []
        return False

    try:
        asyncio.run(until(scrapes))
        yield found
    finally:
        process.terminate()
        process.wait(GENEROUS_S)
