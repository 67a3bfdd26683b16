"""Locust: one process, `FastHttpUser`, `scripts/load_locust.py`; its own statistics."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from benchmarks import install
from benchmarks.load import Command, Load, Reading, UnableError

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = install.HOME.with_name("scripts") / "load_locust.py"


class Locust:
    """https://locust.io: Python users on gevent; from PyPI."""

    name = "locust"

    def install(self) -> str:
        """Get it, if it is not there; its version."""
        self._program = install.pypi("locust")
        return self._program.version

    def command(self, load: Load, folder: Path) -> Command:
        """`locust --headless`; a first stage from 0 that is then held becomes its spawn rate."""
        if load.rate_per_s is not None:
            raise UnableError("no open load")
        spawn_rate = float(load.vus)
        if load.stages:
            targets = [target for _, target in load.stages]
            if load.start_vus or set(targets) != {targets[0]} or not load.stages[0][0]:
                raise UnableError("no ramping without code")
            spawn_rate = targets[0] / load.stages[0][0]
        argv = [
            str(self._program.path), "--headless", "--locustfile", str(_SCRIPT), "--only-summary",
            "--host", load.base_url, "--users", str(load.vus), "--spawn-rate", f"{spawn_rate:.3f}",
            "--run-time", f"{load.seconds:.0f}s", "--loglevel", "WARNING",
            "--json-file", str(folder / "locust"), "--csv", str(folder / "locust"),
        ]  # fmt: skip
        return Command(argv, {"FLOW": load.flow, "PACE_S": str(load.pace_s or 0)})

    def read(self, load: Load, folder: Path) -> Reading:
        """Read its JSON (counts) and its CSV (percentiles, as it reports them)."""
        return parse(
            (folder / "locust.json").read_text(encoding="utf-8"),
            (folder / "locust_stats.csv").read_text(encoding="utf-8"),
            load.seconds,
        )


def parse(entries_json: str, stats_csv: str, seconds: float) -> Reading:
    """A reading of `--json-file` and of `--csv`'s `_stats.csv`; the load lasted `seconds`."""
    entries = json.loads(entries_json)
    total = next(
        row for row in csv.DictReader(io.StringIO(stats_csv)) if row["Name"] == "Aggregated"
    )
    percentiles = {name: total[column] for name, column in _COLUMNS.items()}
    return Reading(
        requests=sum(entry["num_requests"] for entry in entries),
        errors=sum(entry["num_failures"] for entry in entries),
        load_s=seconds,
        percentiles_ms={name: float(text) for name, text in percentiles.items() if text != "N/A"},
    )


_COLUMNS = {"p50": "50%", "p95": "95%", "p99": "99%"}
