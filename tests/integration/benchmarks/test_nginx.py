"""The nginx of the speed cases: who gets an answer, and how many at a time."""

from __future__ import annotations

import resource
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from benchmarks.cases import Case
from benchmarks.measure import Cores
from benchmarks.rounds import run_case
from benchmarks.servers import nginx
from benchmarks.store import Store
from benchmarks.tools.wedload import Wedload


@pytest.fixture
def _few_files():
    """A soft limit below what connections of a large case need, as shells have it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def server(_few_files, tmp_path):
    with nginx.serve(tmp_path / "server", Cores.choose().server) as running:
        yield running


def test_who_falls_back_to_http1_gets_errors_at_the_port_of_http2_only(server):
    trusting = ssl.create_default_context(cafile=server.ca)
    with urllib.request.urlopen(server.tls_url, context=trusting, timeout=10) as response:
        assert response.status == 200
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server.http2_url, context=trusting, timeout=10)
    assert refused.value.code == 505
    refused.value.close()


def test_the_server_may_open_as_many_files_as_the_hard_limit_lets_it(server):
    limits = Path(f"/proc/{server.pid}/limits").read_text()
    soft = next(
        line.split()[3] for line in limits.splitlines() if line.startswith("Max open files")
    )
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert int(soft) == min(hard, 65_536)


def test_wedload_is_answered_over_http2(tmp_path):
    case = Case("small", "speed", "Two connections", 2, tls=True, http2=True)
    tool, store = Wedload(), Store()
    tool.install()
    run_case(
        case, {tool.name: tool}, store, tmp_path / "kept.json",
        cores=Cores.choose(), rounds=1, seconds=1,
    )  # fmt: skip
    reading = store.of("small")["wedload"][0]["reading"]
    assert reading["requests"] > 0
    assert reading["errors"] == 0
