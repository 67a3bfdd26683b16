"""h2load: one thread, its own text output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from benchmarks import install
from benchmarks.load import Reading, UnableError
from benchmarks.tools.simple import SimpleTool, milliseconds

if TYPE_CHECKING:
    from benchmarks.install import Program
    from benchmarks.load import Load


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


class H2load(SimpleTool):
    """https://nghttp2.org: C, libnghttp2, libev; from Debian's `nghttp2-client`."""

    name = "h2load"
    parse = staticmethod(parse)

    def get(self) -> Program:
        """From where it is had."""
        return install.debian("nghttp2-client", "h2load")

    def check(self, load: Load) -> None:
        """Refuse what it has no means for, and HTTP/1.1, which others drive."""
        if not load.http2:
            raise UnableError("here for HTTP/2 only")
        super().check(load)

    def arguments(self, load: Load) -> list[str]:
        """`h2load` with one thread, for one core, and one request at a time on a connection."""
        return [
            "--threads", "1", "--clients", str(load.vus), "--max-concurrent-streams", "1",
            "--duration", f"{load.seconds:.0f}",
        ]  # fmt: skip
