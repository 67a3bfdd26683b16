"""Runs with third parties that end otherwise than planned: what is said of them is true."""

from __future__ import annotations

import re
import signal

import pytest

from tests.helpers.asking import ask
from tests.helpers.ports import free_port
from wedload.errors import ResultError
from wedload.results.recover import recover

PARTIES = "wedload.fleet.third_parties_worker"
PLAN = """\
schema = 1
name = "bookings"
[targets.local]
base_url = "{url}"
[dependencies.payments]
simulate = "http"
listen = "127.0.0.1:{port}"
[[dependencies.payments.routes]]
http = "POST /v1/charges"
[proxies.line]
upstream = "dependency:payments"
listen = "127.0.0.1:{line}"
[[faults]]
name = "line cut"
on = "line"
at = "0s"
for = "10m"
down = true
[scenarios.main]
executor = "constant-vus"
vus = 2
duration = "30s"
pace = "100ms"
graceful_stop = "5s"
workflow = "look"
[[workflows.look]]
http = "GET /look"
"""


@pytest.fixture
def ports():
    return {"port": free_port(), "line": free_port()}


@pytest.fixture
def running(wedload, server, ports):
    """A run with a third party behind a proxy that is down for good, under way for long."""

    def start():
        plan = wedload.plan(PLAN.format(url=server.url, **ports))
        run = wedload.start("run", plan, "-o", "r.json")
        run.under_load(0.5)
        return run

    return start


def test_killed_third_parties_make_the_run_invalid_and_are_named(wedload, running):
    run = running()
    (parties,) = run.descendants_with(PARTIES)
    parties.send_signal(signal.SIGKILL)
    done = run.wait()
    assert done.code == 3, done.err
    result = done.result
    (finding,) = [f for f in result["validity"]["findings"] if f["kind"] == "worker-lost"]
    said = rf"The process that plays the third parties \(pid {parties.pid}\) was lost: signal 9"
    assert re.match(said + r", while load, after \d+ s of load", finding["message"])
    assert result["metrics"]["iterations"]["count"] > 0
    assert result["run"]["duration_s"] < 25  # the load was ended: it had nobody to ask
    assert result["dependencies"][0]["report"] is None
    assert "Traceback" not in done.err
    assert run.left() == []
    assert wedload.temporary_files() == []


def test_killed_wedload_takes_the_third_parties_along_and_knows_their_seconds(wedload, running):
    run = running()
    recording = wedload.folder / "r.json.partial"
    run.wait_until(lambda: knows_parties(recording), "seconds of the third parties")
    run.descendants()
    run.signal(signal.SIGKILL)
    run.wait()
    assert run.left(within_s=10) == []
    parties = recover(recording).health.parties
    assert parties is not None
    assert [one.worker for one in parties.processes] == [1]  # behind the load process


def knows_parties(recording):
    """Whether a recording that is being written has their health."""
    try:
        return recover(recording).health.parties is not None
    except ResultError:  # it has not begun
        return False


def test_an_interrupt_ends_faults_at_once_and_the_run_is_judged(running, ports, server):
    """While iterations under way have some seconds left."""
    server.delay_s = lambda _: 3.0
    run = running()
    line = f"http://127.0.0.1:{ports['line']}"
    assert ask(line) == 0
    run.signal(signal.SIGINT)
    run.wait_until(lambda: ask(line) == 200, "the end of the fault")
    done = run.wait()
    assert done.code == 130, done.err
    assert "line cut begins" in done.err
    (proxy,) = done.result["proxies"]
    assert proxy["listen"] == f"127.0.0.1:{ports['line']}"
    assert run.left() == []


def test_a_port_that_is_taken_ends_a_run_before_its_target_is_looked_for(wedload, server, ports):
    taken = server.url.rpartition(":")[2]
    plan = wedload.plan(PLAN.format(url="http://127.0.0.1:9", port=taken, line=ports["line"]))
    done = wedload("run", plan)
    assert done.code == 4, done.err
    said = f"error: {plan}:5: dependency payments: cannot listen on 127.0.0.1:{taken}"
    assert said in done.err
    assert '"127.0.0.1:0"' in done.err
    assert server.requests == []


def test_without_third_parties_and_proxies_no_process_plays_any(wedload, small, server):
    server.delay_s = lambda _: 0.05
    run = wedload.start("run", small, "--duration", "20s", "--vus", "1")
    run.under_load()
    assert run.descendants_with(PARTIES) == []
