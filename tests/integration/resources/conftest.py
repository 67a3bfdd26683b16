"""What resources are sampled of in tests: real processes, a real PostgreSQL, a real Prometheus."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.helpers.ports import free_port
from tests.helpers.waiting import GENEROUS_S

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
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("Prometheus is not installed")
    folder: Path = tmp_path_factory.mktemp("prometheus")
    port = free_port()
    with exposing() as scraped, (folder / "log").open("wb") as log:
        (folder / "prometheus.yml").write_text(
            "global: { scrape_interval: 1s }\n"
            "scrape_configs:\n"
            f"  - {{ job_name: shop, static_configs: [{{ targets: ['127.0.0.1:{scraped}'] }}] }}\n"
        )
        process = subprocess.Popen(
            [
                program, f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=subprocess.DEVNULL, stderr=log, cwd=folder,
        )  # fmt: skip
        try:
            url = f"http://127.0.0.1:{port}"
            asyncio.run(_scraped(url))
            yield url
        finally:
            process.terminate()
            process.wait(GENEROUS_S)


async def _scraped(url: str) -> None:
    """Wait until there is something to be asked for."""
    async with asyncio.timeout(GENEROUS_S), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{url}/api/v1/query?query=shop_rss_bytes") as answer:
                    if answer.status == 200 and (await answer.json())["data"]["result"]:
                        return
            await asyncio.sleep(0.05)


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
