"""h2load: one thread, its own text output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks import install
from benchmarks.load import Command, Load, Reading, UnableError
from benchmarks.tools.simple import check_simple, milliseconds, path_of

if TYPE_CHECKING:
    from pathlib import Path


class H2load:
    """https://nghttp2.org: C, libnghttp2, libev; from Debian's `nghttp2-client`."""

    name = "h2load"

    def install(self) -> str:
        """Get it, if it is not there; its version."""
        self._program = install.debian("nghttp2-client", "h2load")
        return self._program.version

    def command(self, load: Load, folder: Path) -> Command:  # noqa: ARG002 - all are asked alike
        """`h2load` with one thread, for one core, and one request at a time on a connection."""
        if not load.http2:
            raise UnableError("here for HTTP/2 only")
        check_simple(load)
        argv = [
            str(self._program.path), "--threads", "1", "--clients", str(load.vus),
            "--max-concurrent-streams", "1", "--duration", f"{load.seconds:.0f}",
            load.base_url + path_of(load),
        ]  # fmt: skip
        return Command(argv, self._program.env)

    def read(self, load: Load, folder: Path) -> Reading:  # noqa: ARG002 - as above
        """Read what it printed."""
        return parse((folder / "stdout").read_text(encoding="utf-8"))


def parse(text: str) -> Reading:
    """A reading of h2load's output; it has a mean duration of requests, and no percentiles.

    Time-outs and network errors are among the requests that it calls failed. Those under way when
    it stops are in `started` alone.
    """
    protocol = re.search(r"^Application protocol: (\S+)$", text, re.MULTILINE)
    if protocol is None or protocol[1] != "h2":
        raise ValueError(f"h2load spoke {protocol[1] if protocol else 'to nobody'}, not HTTP/2")
    took = re.search(r"^finished in ([\d.]+\w+),", text, re.MULTILINE)
    counts = re.search(
        r"^requests: .* (\d+) done, \d+ succeeded, (\d+) failed,", text, re.MULTILINE
    )
    if took is None or counts is None:
        raise ValueError("h2load did not say how many requests it made")
    return Reading(
        requests=int(counts[1]), errors=int(counts[2]), load_s=milliseconds(took[1]) / 1000
    )
