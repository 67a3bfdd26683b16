"""A real Envoy before something on loopback, for benchmarks, and for tests of what it counts."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_READY_S = 60  # against hanging only


@dataclass(frozen=True)
class RunningEnvoy:
    """Where it is."""

    via: str
    admin: str

    def counter(self, name: str) -> int:
        """A counter of its cluster, by its admin interface."""
        url = f"{self.admin}/stats?format=json&filter=^cluster.platform.{name}$"
        with urllib.request.urlopen(url, timeout=10) as answer:
            (found,) = json.load(answer)["stats"]
        return int(found["value"])


def command() -> str:
    """Envoy, of the environment that runs this, or on the path."""
    own = Path(sys.executable).with_name("envoy")
    return str(own) if own.exists() else str(shutil.which("envoy"))


@contextmanager
def envoy(upstream: str, folder: Path, *, retries: int = 2) -> Iterator[RunningEnvoy]:
    """One before `host:port` that repeats what is answered 5xx, and says which attempt it is."""
    admin_file, log = folder / "admin", folder / "envoy.log"
    (folder / "envoy.json").write_text(json.dumps(_configuration(upstream, retries)))
    with log.open("wb") as written:
        process = subprocess.Popen(
            [command(), "-c", str(folder / "envoy.json"), "--admin-address-path", str(admin_file),
             "--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warn"],
            stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        yield _ready(process, admin_file, log)
    finally:
        process.terminate()
        process.wait(30)


def _ready(process: subprocess.Popen[bytes], admin_file: Path, log: Path) -> RunningEnvoy:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        if admin_file.exists() and (address := admin_file.read_text()):
            with urllib.request.urlopen(f"http://{address}/listeners", timeout=10) as answer:
                lines = answer.read().decode().split()
            if lines:
                return RunningEnvoy(
                    f"http://{lines[0].removeprefix('gateway::')}", f"http://{address}"
                )
        time.sleep(0.02)
    raise AssertionError(log.read_text())


def _address(host: str, port: int) -> dict[str, Any]:
    return {"address": {"socket_address": {"address": host, "port_value": port}}}


def _configuration(upstream: str, retries: int) -> dict[str, Any]:
    host, _, port = upstream.rpartition(":")
    types = "type.googleapis.com/envoy.extensions.filters"
    manager = {
        "@type": f"{types}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "platform", "domains": ["*"], "include_request_attempt_count": True,
                    "routes": [
                        {
                            "match": {"prefix": "/"},
                            "route": {
                                "cluster": "platform",
                                "retry_policy": {"retry_on": "5xx", "num_retries": retries},
                            },
                        }
                    ],
                }
            ]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{types}.http.router.v3.Router"},
            }
        ],
    }  # fmt: skip
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "admin": _address("127.0.0.1", 0),
        "static_resources": {
            "listeners": [
                {
                    "name": "gateway", **_address("127.0.0.1", 0),
                    "filter_chains": [{"filters": filters}],
                }
            ],
            "clusters": [
                {
                    "name": "platform",
                    "type": "STATIC",
                    "load_assignment": {
                        "cluster_name": "platform",
                        "endpoints": [
                            {"lb_endpoints": [{"endpoint": _address(host, int(port))}]}
                        ],
                    },
                }
            ],
        },
    }  # fmt: skip
