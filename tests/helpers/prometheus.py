"""A real Prometheus on loopback, and what it is asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from tests.helpers.ports import free_port
from tests.helpers.programs import installed
from tests.helpers.waiting import GENEROUS_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: with these it takes what is written to it
RECEIVING = ("--web.enable-remote-write-receiver", "--enable-feature=native-histograms")


class RealPrometheus:
    """One that runs."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, query: str, at_s: float | None = None) -> list[dict[str, Any]]:
        """The series that it answers: as they are now, or were."""
        asked = {"query": query} if at_s is None else {"query": query, "time": f"{at_s:.3f}"}
        with urllib.request.urlopen(f"{self.url}/api/v1/query?{urlencode(asked)}") as got:
            return json.load(got)["data"]["result"]

    def asked(self, query: str, at_s: float | None = None) -> list[tuple[dict[str, str], float]]:
        """The same, as labels and values."""
        return [(one["metric"], float(one["value"][1])) for one in self.ask(query, at_s)]

    def last_s(self, series: str) -> float:
        """When the last value of all series of a selector is of."""
        found = self.ask(f"{series}[1h]")
        return max(
            at_s
            for one in found
            for key in ("values", "histograms")
            for at_s, _ in one.get(key, ())
        )

    def is_ready(self) -> bool:
        """Whether it answers."""
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/-/ready") as answer:
            return answer.status == 200
        return False


@contextlib.contextmanager
def real_prometheus(folder: Path, *flags: str, config: str = "") -> Iterator[RealPrometheus]:
    """One with this configuration, ready to be asked."""
    program = installed("prometheus")
    port = free_port()
    (folder / "prometheus.yml").write_text(config)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                program, f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}",
                *flags,
            ],
            stdout=subprocess.DEVNULL, stderr=log, cwd=folder,
        )  # fmt: skip
        try:
            found = RealPrometheus(f"http://127.0.0.1:{port}")
            asyncio.run(until(found.is_ready))
            yield found
        finally:
            process.terminate()
            process.wait(GENEROUS_S)
