"""The other side of `truth.py`: starts it on a core, and takes its stamps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Truth:
    """A running server with known delays."""

    url: str
    orders: IO[str]
    answers: IO[str]

    def take_ms(self) -> list[float]:
        """How long each request waited there since the last call, in ms, as they ended."""
        self.orders.write("take\n")
        self.orders.flush()
        return [ns / 1e6 for ns in json.loads(self.answers.readline())]


@contextmanager
def serve(rule: dict[str, Any], core: int) -> Iterator[Truth]:
    """Start one with this rule (see `truth.py`) on this core; end it afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.servers.truth", json.dumps(rule)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        process_group=0,  # a Ctrl-C is the harness's to handle
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    os.sched_setaffinity(process.pid, {core})
    try:
        port = int(process.stdout.readline())
        yield Truth(f"http://127.0.0.1:{port}", process.stdin, process.stdout)
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()
