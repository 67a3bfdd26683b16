"""The nginx of the speed cases: how many connections it takes."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from benchmarks.measure import Cores
from benchmarks.servers import nginx


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


def test_the_server_may_open_as_many_files_as_the_hard_limit_lets_it(server):
    limits = Path(f"/proc/{server.pid}/limits").read_text()
    soft = next(
        line.split()[3] for line in limits.splitlines() if line.startswith("Max open files")
    )
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert int(soft) == min(hard, 65_536)
