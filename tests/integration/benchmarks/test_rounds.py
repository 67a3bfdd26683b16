"""A case driven end to end, with tools of the test's own against the server with known delays."""

from __future__ import annotations

import http.client
import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.cases import Case
from benchmarks.load import Command, Load, Reading, UnableError
from benchmarks.measure import Cores
from benchmarks.rounds import run_case
from benchmarks.servers import truthful
from benchmarks.store import Store

if TYPE_CHECKING:
    from pathlib import Path

_GETS = """
import http.client, sys
connection = http.client.HTTPConnection(sys.argv[1])
for _ in range(3):
    connection.request("GET", "/")
    connection.getresponse().read()
print(3)
"""
_CASE = Case("known", "accuracy", "Three requests", 1, rule={"fixed_ms": 10})


class _Three:
    """Sends three requests, and says so."""

    name = "three"
    runs = 0

    def install(self) -> str:
        return "1"

    def command(self, load: Load, folder: Path) -> Command:
        return Command([sys.executable, "-c", _GETS, load.base_url.removeprefix("http://")])

    def read(self, load: Load, folder: Path) -> Reading:
        self.runs += 1
        return Reading(int((folder / "stdout").read_text()), 0, load.seconds)


class _Unable(_Three):
    name = "unable"

    def command(self, load: Load, folder: Path) -> Command:
        raise UnableError("no such load")


class _Broken(_Three):
    name = "broken"

    def command(self, load: Load, folder: Path) -> Command:
        return Command([sys.executable, "-c", "raise SystemExit('it broke')"])


class _Absent(_Three):
    name = "absent"

    def command(self, load: Load, folder: Path) -> Command:
        return Command([str(folder / "no-such-program")])


@pytest.fixture(autouse=True)
def _same_cores():
    """The harness moves nobody; a test must leave this process where it was."""
    before = os.sched_getaffinity(0)
    yield
    assert os.sched_getaffinity(0) == before


def _run(store: Store, path: Path, *tools: _Three, rounds: int = 1) -> None:
    named = {tool.name: tool for tool in tools}
    run_case(_CASE, named, store, path, cores=Cores.choose(), rounds=rounds, seconds=1)


def test_a_run_is_kept_with_what_the_server_saw(tmp_path):
    store = Store()
    _run(store, tmp_path / "kept.json", _Three(), rounds=2)
    first, second = Store.read(tmp_path / "kept.json").of("known")["three"]
    assert (first["round"], second["round"]) == (1, 2)
    assert first["reading"]["requests"] == first["server"]["requests"] == 3
    assert first["server"]["percentiles_ms"]["p50"] >= 9
    assert first["usage"]["returncode"] == 0


def test_what_was_measured_is_not_measured_again(tmp_path):
    store, tool = Store(), _Three()
    for _ in range(2):
        _run(store, tmp_path / "kept.json", tool)
    assert tool.runs == 1


@pytest.mark.parametrize(
    ("tool", "key", "why"),
    [
        (_Unable(), "unable", "no such load"),
        (_Broken(), "failed", "it broke"),
        (_Absent(), "failed", "no-such-program"),
    ],
)
def test_a_tool_that_fails_does_not_stop_the_others(tmp_path, tool, key, why):
    store = Store()
    _run(store, tmp_path / "kept.json", tool, _Three())
    assert why in store.of("known")[tool.name][0][key]
    assert store.of("known")["three"][0]["reading"]["requests"] == 3


def test_a_crowd_that_the_limit_of_open_files_forbids_is_told_once_a_tool(tmp_path):
    store, tool = Store(), _Three()
    crowd = replace(_CASE, vus=2**40)
    run_case(
        crowd, {"three": tool, "unable": _Unable()}, store, tmp_path / "kept.json",
        cores=Cores.choose(), rounds=3, seconds=1,
    )  # fmt: skip
    assert tool.runs == 0
    told = {(one["tool"], one["round"]): one["failed"] for one in store.records}
    assert list(told) == [("three", 1), ("unable", 1)]
    assert all("open files" in why for why in told.values())


def test_the_server_forgets_what_it_stamped_when_asked():
    with truthful.serve({"fixed_ms": 1}, Cores.choose().server) as truth:
        connection = http.client.HTTPConnection(truth.url.removeprefix("http://"))
        for _ in range(2):
            connection.request("GET", "/")
            assert json.loads(connection.getresponse().read()) == {}
        assert len(truth.take_ms()) == 2
        assert truth.take_ms() == []
        connection.close()
