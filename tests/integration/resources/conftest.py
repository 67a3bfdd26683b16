"""What resources are sampled of in tests: real processes, a real PostgreSQL, a real Prometheus."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.helpers.prometheus import real_prometheus
from tests.helpers.waiting import GENEROUS_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXPOSED = """\
# TYPE shop_cpu_ratio gauge
shop_cpu_ratio{instance_of="a"} 0.25
shop_cpu_ratio{instance_of="b"} 0.5
shop_rss_bytes 104857600
"""


class _Exposed(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(EXPOSED.encode())

    def log_message(self, *_):
        """Say nothing."""


@contextlib.contextmanager
def exposing() -> Iterator[int]:
    """A tiny system that tells its figures; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Exposed)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory) -> Iterator[str]:
    """The address of a Prometheus that has scraped a tiny system at least once."""
    folder: Path = tmp_path_factory.mktemp("prometheus")
    with exposing() as scraped:
        config = (
            "global: { scrape_interval: 1s }\n"
            "scrape_configs:\n"
            f"  - {{ job_name: shop, static_configs: [{{ targets: ['127.0.0.1:{scraped}'] }}] }}\n"
        )
        with real_prometheus(folder, config=config) as found:
            asyncio.run(until(lambda: found.ask("shop_rss_bytes") != []))
            yield found.url


@contextlib.contextmanager
def running(code: str) -> Iterator[subprocess.Popen[str]]:
    """A process of Python; it is ready when it says `ready`, and does a line as it is told one."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", f"import sys\n{code}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.stdin.close()
        process.wait(GENEROUS_S)
        process.stdout.close()


def tell(process: subprocess.Popen[str], word: str) -> None:
    """Have it do something, and wait until it has."""
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    assert process.stdout.readline() == f"{word}\n"
