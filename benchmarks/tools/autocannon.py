"""autocannon: its own JSON output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks import install
from benchmarks.load import Command, Load, Reading
from benchmarks.tools.simple import check_simple, path_of

if TYPE_CHECKING:
    from pathlib import Path


class Autocannon:
    """https://github.com/mcollina/autocannon: Node.js; from npm."""

    name = "autocannon"

    def install(self) -> str:
        """Get it, if it is not there; its version."""
        self._program = install.npm("autocannon")
        return self._program.version

    def command(self, load: Load, folder: Path) -> Command:  # noqa: ARG002 - all are asked alike
        """`autocannon` without worker threads, for one core."""
        check_simple(load)
        argv = [
            str(self._program.path), "--json", "--no-progress", "--connections", str(load.vus),
            "--duration", f"{load.seconds:.0f}", load.base_url + path_of(load),
        ]  # fmt: skip
        return Command(argv, self._program.env)

    def read(self, load: Load, folder: Path) -> Reading:  # noqa: ARG002 - as above
        """Read what it printed."""
        return parse((folder / "stdout").read_text(encoding="utf-8"))


def parse(text: str) -> Reading:
    """A reading of autocannon's JSON; it has no p95."""
    data = json.loads(text)
    return Reading(
        requests=data["requests"]["total"],
        errors=data["errors"] + data["non2xx"],  # time-outs are among the errors
        load_s=data["duration"],
        percentiles_ms={"p50": data["latency"]["p50"], "p99": data["latency"]["p99"]},
    )
