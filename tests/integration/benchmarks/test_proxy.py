"""The benchmark of the fault proxy measures what it says, and sees a wrong byte."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks import proxy
from tests.helpers.places import ROOT


def test_it_transfers_through_the_proxy_and_directly_and_checks_every_byte():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.proxy", "--rounds", "2", "--pieces", "3"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "round 1", "round 2", "through the proxy", "directly", "ratio", "the proxy's CPU",
    ]  # fmt: skip
    assert lines[2].endswith("every byte right")


def test_what_is_not_what_was_sent_is_no_result(monkeypatch):
    assert proxy._expected(2) != proxy._expected(3)
    with proxy.socket.create_server(("127.0.0.1", 0)) as sink:
        core = min(proxy.os.sched_getaffinity(0))
        with pytest.raises(ValueError, match="not what was sent"):
            proxy._round(sink, sink.getsockname()[1], 2, core, proxy._expected(3))
