"""`python -m benchmarks.proxy`: what one core passes through the fault proxy, with no fault set.

A source and a sink have one core, the proxy has the other. Rounds go through the proxy and
directly in turn, as the machine is noisy; medians, with the least and the largest in brackets. The
sink hashes all that comes: a byte that is lost, doubled or another ends the benchmark.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import random
import socket
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvloop

from benchmarks.measure import Cores, cpu_s
from wedload.alarm import Alarm
from wedload.simulators.proxy.server import ProxyServer
from wedload.simulators.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 1 << 20
_MB = 1e6
_GB = 1e9
_WAIT_S = 60.0


def _noise() -> bytes:
    return random.Random(1).randbytes(_PIECE)


def _expected(pieces: int) -> bytes:
    digest, noise = hashlib.sha256(), _noise()
    for _ in range(pieces):
        digest.update(noise)
    return digest.digest()


@contextmanager
def _started(core: int, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """This module as a process of its own; the end of its input ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.proxy", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    os.sched_setaffinity(process.pid, {core})
    try:
        yield process
    finally:
        process.communicate(timeout=_WAIT_S)


def _source(port: int, pieces: int) -> None:
    """Send so many pieces there."""
    noise = _noise()
    with socket.create_connection(("127.0.0.1", port)) as sock:
        for _ in range(pieces):
            sock.sendall(noise)


async def _serve(upstream_port: int) -> None:
    """Be the proxy of a plan without faults, until the input ends."""
    alarm = Alarm(asyncio.get_running_loop())
    proxy = ProxyServer("front", "127.0.0.1:0", Timeline(()).injections("front"), alarm)
    await proxy.open()
    await proxy.connect_to("127.0.0.1", upstream_port)
    print(proxy.address.rpartition(":")[2], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    proxy.close()
    alarm.close()


def _round(sink: socket.socket, port: int, pieces: int, core: int, expected: bytes) -> float:
    """MB/s of one transfer to this port, which ends at the sink.

    Raises:
        ValueError: what has come is not what was sent.
    """
    digest, buffer = hashlib.sha256(), bytearray(_PIECE)
    with _started(core, "--source", str(port), "--pieces", str(pieces)), sink.accept()[0] as sock:
        begin_s = time.perf_counter()  # the source is up: what follows is the transfer alone
        while count := sock.recv_into(buffer):
            digest.update(memoryview(buffer)[:count])
        took_s = time.perf_counter() - begin_s
    if digest.digest() != expected:
        raise ValueError("what has come is not what was sent")
    return pieces * _PIECE / _MB / took_s


def _told(figures: list[float], digits: int) -> str:
    median, least, most = statistics.median(figures), min(figures), max(figures)
    return f"{median:,.{digits}f} ({least:,.{digits}f}–{most:,.{digits}f})"


def measure(rounds: int, pieces: int) -> None:
    """Measure so many rounds of each kind, and print what has come of them.

    Raises:
        ValueError: a transfer was not what was sent.
    """
    cores = Cores.choose()
    os.sched_setaffinity(0, {cores.server})
    expected = _expected(pieces)
    through, direct, cpu = [], [], []
    with (
        socket.create_server(("127.0.0.1", 0)) as sink,
        _started(cores.generator, "--serve", str(sink.getsockname()[1])) as proxy,
    ):
        sink.settimeout(_WAIT_S)
        assert proxy.stdout is not None
        port = int(proxy.stdout.readline())
        for number in range(rounds):
            before_s = cpu_s(proxy.pid)
            through.append(_round(sink, port, pieces, cores.server, expected))
            cpu.append((cpu_s(proxy.pid) - before_s) / (pieces * _PIECE / _GB))
            direct.append(_round(sink, sink.getsockname()[1], pieces, cores.server, expected))
            print(
                f"round {number + 1}: {through[-1]:,.0f} MB/s through the proxy,"
                f" {direct[-1]:,.0f} MB/s directly",
                flush=True,
            )
    ratios = [one / other for one, other in zip(through, direct, strict=True)]
    print(f"through the proxy: {_told(through, 0)} MB/s, every byte right")
    print(f"directly:          {_told(direct, 0)} MB/s")
    print(f"ratio:             {_told(ratios, 2)}")
    print(f"the proxy's CPU:   {_told(cpu, 2)} s per GB")


def main() -> None:
    """Be what the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.proxy", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="of each kind; default: 5")
    parser.add_argument("--pieces", type=int, default=1024, help="MiB a round; default: 1024")
    parser.add_argument("--serve", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--source", type=int, metavar="PORT", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rounds < 1 or arguments.pieces < 1:
        parser.error("--rounds and --pieces must be 1 or more")
    if arguments.serve is not None:
        uvloop.run(_serve(arguments.serve))
    elif arguments.source is not None:
        _source(arguments.source, arguments.pieces)
    else:
        measure(arguments.rounds, arguments.pieces)


if __name__ == "__main__":
    main()
