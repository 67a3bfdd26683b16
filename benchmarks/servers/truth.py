"""A server whose delays are known: it stamps when a request came and when its answer left.

`python -m benchmarks.servers.truth JSON` prints its port, then obeys lines on its input: `take`
prints, as one line of JSON, the durations in ns of all requests answered since the last `take`, and
starts again; the end of the input ends it.

The JSON is one of `{"fixed_ms": 50}`, `{"p50_ms": 20, "p99_ms": 400, "most_ms": 1000, "seed": 1}`
(lognormal, drawn anew after each `take`), `{"fixed_ms": 5, "every_s": 20, "frozen_s": 2}`. The last
freezes in the middle of every such stretch, counted from the first request after a `take`: what
comes then is answered when the freeze is over, and `fixed_ms` after that.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import sys
import time
from typing import Any, cast

import uvloop

_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_P99 = 2.3263478740408408  # of the standard normal distribution


def frozen_until(at_s: float, every_s: float, frozen_s: float) -> float | None:
    """When the freeze that an instant falls into is over; None outside of freezes."""
    start = math.floor(at_s / every_s) * every_s + (every_s - frozen_s) / 2
    return start + frozen_s if start <= at_s < start + frozen_s else None


class Delays:
    """How long each request waits, and how long each one has waited."""

    def __init__(self, rule: dict[str, Any]) -> None:
        self._rule = rule
        self.took_ns: list[int] = []
        self.restart()

    def restart(self) -> None:
        """Forget what was, and draw the same delays again."""
        self.took_ns.clear()
        self._random = random.Random(self._rule.get("seed", 1))
        self._first_s: float | None = None

    def next_s(self) -> float:
        """How long a request that comes now has to wait."""
        rule = self._rule
        if "p50_ms" in rule:
            sigma = math.log(rule["p99_ms"] / rule["p50_ms"]) / _P99
            drawn = rule["p50_ms"] * math.exp(self._random.gauss(0, sigma))
            return float(min(drawn, rule["most_ms"])) / 1000
        wait = float(rule["fixed_ms"]) / 1000
        if "every_s" not in rule:
            return wait
        now = time.monotonic()
        if self._first_s is None:
            self._first_s = now
        at = now - self._first_s
        thaw = frozen_until(at, rule["every_s"], rule["frozen_s"])
        return wait + (thaw - at if thaw is not None else 0)


class _Answering(asyncio.Protocol):
    """One connection: one request at a time, in as many pieces as it likes."""

    def __init__(self, delays: Delays) -> None:
        self._delays = delays
        self._seen = b""
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._seen += data
        if not self._seen.endswith(b"\r\n\r\n"):
            return
        came_ns = time.perf_counter_ns()
        self._seen = b""
        loop = asyncio.get_running_loop()
        self._waiting = loop.call_later(self._delays.next_s(), self._answer, came_ns)

    def _answer(self, came_ns: int) -> None:
        self._transport.write(_ANSWER)
        self._delays.took_ns.append(time.perf_counter_ns() - came_ns)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - whatever ended it
        if self._waiting is not None:
            self._waiting.cancel()


async def _serve(rule: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    delays = Delays(rule)
    server = await loop.create_server(lambda: _Answering(delays), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line.strip() == "take":
            print(json.dumps(delays.took_ns), flush=True)
            delays.restart()


if __name__ == "__main__":
    uvloop.run(_serve(json.loads(sys.argv[1])))
