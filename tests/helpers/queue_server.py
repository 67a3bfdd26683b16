"""An HTTP server that is a known queue: stations of c servers each, exponential times of service.

A request goes to a station at random, waits there until a server is free, first come first served,
and is served for a time that is drawn. Arrivals at random stay so when they are split at random, so
each station is an M/M/c queue of its own, with its share of the rate.

Who waits sleeps; nobody works. When a server is free again is reckoned, not observed, so that the
millisecond by which a timer is late does not add up. Run as a process: it prints its port.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import sys

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Station:
    """Servers with one line before them; instants are the loop's."""

    def __init__(self, servers: int) -> None:
        self._free_s = [0.0] * servers

    def ends_s(self, now_s: float, service_s: float) -> float:
        """When somebody who comes now is done."""
        end_s = max(now_s, heapq.heappop(self._free_s)) + service_s
        heapq.heappush(self._free_s, end_s)
        return end_s


class Server(asyncio.Protocol):
    """One connection."""

    def __init__(self, stations: list[Station], service_s: float, rng: random.Random) -> None:
        self._stations, self._service_s, self._rng = stations, service_s, rng
        self._loop = asyncio.get_running_loop()
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """One more."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Requests without a body."""
        self._read += data
        while b"\r\n\r\n" in self._read:
            _, _, self._read = self._read.partition(b"\r\n\r\n")
            station = self._rng.choice(self._stations)
            took_s = self._rng.expovariate(1 / self._service_s)
            self._loop.call_at(station.ends_s(self._loop.time(), took_s), self._answer)

    def _answer(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(ANSWER)  # type: ignore[attr-defined]


async def main(stations: int, servers: int, service_s: float, seed: int) -> None:
    """Serve until somebody ends it."""
    rng = random.Random(seed)
    places = [Station(servers) for _ in range(stations)]
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(places, service_s, rng), "127.0.0.1", 0, backlog=1024
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
