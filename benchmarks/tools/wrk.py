"""wrk: one thread, its own text output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks import install
from benchmarks.load import Command, Load, Reading
from benchmarks.tools.simple import check_simple, milliseconds, path_of

if TYPE_CHECKING:
    from pathlib import Path


class Wrk:
    """https://github.com/wg/wrk: C, epoll; from Debian. No scripts here, so no workflow."""

    name = "wrk"

    def install(self) -> str:
        """Get it, if it is not there; its version."""
        self._program = install.debian("wrk", "wrk")
        return self._program.version

    def command(self, load: Load, folder: Path) -> Command:  # noqa: ARG002 - all are asked alike
        """`wrk` with one thread, for one core."""
        check_simple(load)
        argv = [
            str(self._program.path), "--threads", "1", "--connections", str(load.vus),
            "--duration", f"{load.seconds:.0f}s", "--latency", load.base_url + path_of(load),
        ]  # fmt: skip
        return Command(argv, self._program.env)

    def read(self, load: Load, folder: Path) -> Reading:  # noqa: ARG002 - as above
        """Read what it printed."""
        return parse((folder / "stdout").read_text(encoding="utf-8"))


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
