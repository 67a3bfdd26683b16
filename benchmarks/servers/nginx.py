"""nginx as the target: one process on one core, fixed JSON answers, TLS, and its own count.

It answers from memory, so that on one core it is faster than the generators (wrk excepted, see the
server's CPU in the report). Knows nothing of tools.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import trustme

from benchmarks import install
from benchmarks.measure import cpu_s

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LARGE_BYTES = 1_000_000
_START_S = 10.0
_MOST_FILES = 65_536  # nginx allocates memory for every connection that it may have
_PR_SET_PDEATHSIG = 1
_ANSWER = '{"id":"4f1c0d6e","status":"submitted","journey_triggered":true}'
_CONFIG = """
daemon off;
master_process off;
error_log {folder}/error.log warn;
pid {folder}/nginx.pid;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  default_type application/json;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  sendfile on;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  ssl_certificate {folder}/server.pem;
  ssl_certificate_key {folder}/server.key;
  ssl_protocols TLSv1.3;
  server {{
    listen 127.0.0.1:{plain} backlog=16384;
    listen 127.0.0.1:{tls} ssl backlog=16384;
    location = / {{ return 200 '{answer}'; }}
    location = /api/forms/intake {{
      return 200 '{{"id":"4f1c0d6e","title":"Wedding Photography Consultation","fields":3}}';
    }}
    location /api/connections/ {{ return 200 '{{"id":"9b27","status":"connected"}}'; }}
    location /api/forms/ {{
      return 200 '{{"id":"c81e728d","form_id":"4f1c0d6e","journey_triggered":true}}';
    }}
    location /api/realtime/status/ {{
      return 200 '{{"id":"c81e728d","status":"submitted"}}';
    }}
    location = /large {{ root {folder}; default_type application/octet-stream; }}
  }}
  server {{
    listen 127.0.0.1:{http2} ssl http2 backlog=16384;
    if ($server_protocol != HTTP/2.0) {{ return 505; }}
    location = / {{ return 200 '{answer}'; }}
  }}
  server {{
    listen 127.0.0.1:{status};
    location / {{ stub_status; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx."""

    pid: int
    plain_url: str
    tls_url: str
    http2_url: str  # answers 505 to whoever speaks HTTP/1.1: a tool that falls back has errors only
    ca: Path
    version: str
    status_url: str

    def cpu_s(self) -> float:
        """CPU seconds that it has used."""
        return cpu_s(self.pid)

    def requests(self) -> int:
        """Requests that it has begun, without this one and those before it for the same purpose."""
        with urllib.request.urlopen(self.status_url, timeout=10) as response:
            counted = requests_of(response.read().decode("ascii"))
        _asked[self.pid] = _asked.get(self.pid, 0) + 1
        return counted - _asked[self.pid]


_asked: dict[int, int] = {}


def requests_of(status: str) -> int:
    """The requests that a `stub_status` page tells of. Source: ngx_http_stub_status_module."""
    found = re.search(r"^\s*\d+\s+\d+\s+(\d+)\s*$", status, re.MULTILINE)
    if found is None:
        raise ValueError("nginx's status page has no count of requests")
    return int(found[1])


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _certificate(folder: Path) -> Path:
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1", "localhost")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued.private_key_pem.write_to_path(folder / "server.key")
    for blob in issued.cert_chain_pems:
        blob.write_to_path(folder / "server.pem", append=True)
    return folder / "ca.pem"


@contextmanager
def serve(folder: Path, core: int) -> Iterator[Nginx]:
    """Start nginx on this core with its files in an empty folder; end it afterwards.

    Raises:
        MissingError: nginx cannot be had here, or does not start.
    """
    program = install.debian("nginx", "nginx")
    folder.mkdir(parents=True)
    (folder / "large").write_bytes(os.urandom(LARGE_BYTES))
    ca = _certificate(folder)
    plain, tls, http2, status = _free_ports(4)
    files = min(resource.getrlimit(resource.RLIMIT_NOFILE)[1], _MOST_FILES)
    config = folder / "nginx.conf"
    text = _CONFIG.format(
        folder=folder, plain=plain, tls=tls, http2=http2, status=status, answer=_ANSWER,
        connections=files - 100,
    )  # fmt: skip
    config.write_text(text, encoding="utf-8")
    process = subprocess.Popen(
        [program.path, "-p", folder, "-c", config, "-e", folder / "error.log"],
        env={**os.environ, **program.env}, stdin=subprocess.DEVNULL,
        process_group=0,  # a Ctrl-C is the harness's to handle
        preexec_fn=partial(_prepare, files),  # noqa: PLW1509 - the harness has no threads
    )  # fmt: skip
    try:
        os.sched_setaffinity(process.pid, {core})
        _await_listening(status, process)
        yield Nginx(
            process.pid, f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}",
            f"https://127.0.0.1:{http2}", ca, program.version, f"http://127.0.0.1:{status}/",
        )  # fmt: skip
    finally:
        process.terminate()
        process.wait()


def _prepare(files: int) -> None:
    """Let this process open so many files, and have it end if the harness is killed.

    nginx applies `worker_rlimit_nofile` to worker processes only, and this one has none.
    Source: getrlimit(2), prctl(2).
    """
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _await_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise install.MissingError("nginx did not start; see its error.log")
