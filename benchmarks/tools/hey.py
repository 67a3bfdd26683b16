"""hey: its own text output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks import install
from benchmarks.load import Command, Load, Reading
from benchmarks.tools.simple import check_simple, path_of

if TYPE_CHECKING:
    from pathlib import Path


class Hey:
    """https://github.com/rakyll/hey: Go's `net/http`; from Debian."""

    name = "hey"

    def install(self) -> str:
        """Get it, if it is not there; its version."""
        self._program = install.debian("hey", "hey")
        return self._program.version

    def command(self, load: Load, folder: Path) -> Command:  # noqa: ARG002 - all are asked alike
        """`hey -z`; Go runs as many threads as the process may use cores."""
        check_simple(load)
        argv = [
            str(self._program.path), "-z", f"{load.seconds:.0f}s", "-c", str(load.vus),
            "-disable-compression", load.base_url + path_of(load),
        ]  # fmt: skip
        return Command(argv, self._program.env)

    def read(self, load: Load, folder: Path) -> Reading:  # noqa: ARG002 - as above
        """Read what it printed."""
        return parse((folder / "stdout").read_text(encoding="utf-8"))


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
