"""autocannon: its own JSON output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import install
from benchmarks.load import Reading
from benchmarks.tools.simple import SimpleTool

if TYPE_CHECKING:
    from benchmarks.install import Program
    from benchmarks.load import Load


def parse(text: str) -> Reading:
    """A reading of autocannon's JSON; it has no p95."""
    data = json.loads(text)
    return Reading(
        requests=data["requests"]["total"],
        errors=data["errors"] + data["non2xx"],  # time-outs are among the errors
        load_s=data["duration"],
        percentiles_ms={"p50": data["latency"]["p50"], "p99": data["latency"]["p99"]},
    )


class Autocannon(SimpleTool):
    """https://github.com/mcollina/autocannon: Node.js; from npm."""

    name = "autocannon"
    parse = staticmethod(parse)

    def get(self) -> Program:
        """From where it is had."""
        return install.npm("autocannon")

    def arguments(self, load: Load) -> list[str]:
        """`autocannon` without worker threads, for one core."""
        return [
            "--json", "--no-progress", "--connections", str(load.vus),
            "--duration", f"{load.seconds:.0f}",
        ]  # fmt: skip
