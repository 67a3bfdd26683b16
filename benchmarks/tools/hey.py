"""hey: its own text output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks import install
from benchmarks.load import Reading
from benchmarks.tools.simple import SimpleTool

if TYPE_CHECKING:
    from benchmarks.install import Program
    from benchmarks.load import Load


def parse(text: str) -> Reading:
    """A reading of hey's summary.

    Requests are counted in its tables of status codes and of errors. Its percentiles are read in
    its own rounding, a tenth of a millisecond, and are of the first million requests only.
    """
    total = re.search(r"Total:\s+([\d.]+) secs", text)
    if total is None:
        raise ValueError("hey did not say how long it ran")
    statuses = re.findall(r"^\s+\[(\d+)\]\s+(\d+) responses$", text, re.MULTILINE)
    head, _, tail = text.partition("Error distribution:")
    failures = re.findall(r"^\s+\[(\d+)\]\s", tail, re.MULTILINE)
    percentiles = dict(re.findall(r"^\s+(50|95|99)%+ in ([\d.]+) secs$", head, re.MULTILINE))
    failed = sum(map(int, failures))
    return Reading(
        requests=sum(int(count) for _, count in statuses) + failed,
        errors=failed + sum(int(count) for status, count in statuses if int(status) >= 400),
        load_s=float(total[1]),
        percentiles_ms={f"p{name}": float(value) * 1000 for name, value in percentiles.items()},
    )


class Hey(SimpleTool):
    """https://github.com/rakyll/hey: Go's `net/http`; from Debian."""

    name = "hey"
    parse = staticmethod(parse)

    def get(self) -> Program:
        """From where it is had."""
        return install.debian("hey", "hey")

    def arguments(self, load: Load) -> list[str]:
        """`hey -z`; Go runs as many threads as the process may use cores."""
        return ["-z", f"{load.seconds:.0f}s", "-c", str(load.vus), "-disable-compression"]
