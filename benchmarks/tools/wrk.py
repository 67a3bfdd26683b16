"""wrk: one thread, its own text output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks import install
from benchmarks.load import Reading
from benchmarks.tools.simple import SimpleTool, milliseconds

if TYPE_CHECKING:
    from benchmarks.install import Program
    from benchmarks.load import Load


def parse(text: str) -> Reading:
    """A reading of wrk's output with `--latency`."""
    total = re.search(r"^\s*(\d+) requests in ([\d.]+\w+),", text, re.MULTILINE)
    if total is None:
        raise ValueError("wrk did not say how many requests it made")
    errors = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text
    )
    unexpected = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    percentiles = dict(re.findall(r"^\s+(50|99)%\s+([\d.]+\w+)$", text, re.MULTILINE))
    return Reading(
        requests=int(total[1]),
        errors=sum(map(int, errors.groups() if errors else ()))
        + int(unexpected[1] if unexpected else 0),
        load_s=milliseconds(total[2]) / 1000,
        percentiles_ms={f"p{name}": milliseconds(value) for name, value in percentiles.items()},
    )


class Wrk(SimpleTool):
    """https://github.com/wg/wrk: C, epoll; from Debian. No scripts here, so no workflow."""

    name = "wrk"
    parse = staticmethod(parse)

    def get(self) -> Program:
        """From where it is had."""
        return install.debian("wrk", "wrk")

    def arguments(self, load: Load) -> list[str]:
        """`wrk` with one thread, for one core."""
        return [
            "--threads", "1", "--connections", str(load.vus),
            "--duration", f"{load.seconds:.0f}s", "--latency",
        ]  # fmt: skip
