"""`wedload simulate`: third parties alone, for a platform that runs elsewhere."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.helpers.asking import ask

PLAN = """\
schema = 1
name = "bookings"
[targets.staging]
base_url = "http://127.0.0.1:9"
[dependencies.payments]
simulate = "http"
[[dependencies.payments.routes]]
http = "POST /v1/charges"
[proxies.line]
upstream = "dependency:payments"
[proxies.front]
upstream = "sandbox"
[[faults]]
name = "outage"
on = "payments"
at = "0s"
for = "10m"
status = 503
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "1h"
workflow = "look"
[[workflows.look]]
http = "GET /look"
"""


@pytest.fixture
def playing(wedload):
    """Third parties, and what the line of JSON says of them."""

    def start(*arguments):
        plan = wedload.plan(PLAN.replace('[proxies.front]\nupstream = "sandbox"\n', ""))
        run = wedload.start("simulate", plan, *arguments)
        run.wait_until(lambda: run.out.endswith("\n"), "where they are")
        return run, json.loads(run.out)

    return start


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_they_answer_until_they_are_ended_and_then_say_what_they_were_asked(playing, number):
    run, ready = playing()
    assert ready["event"] == "ready"
    assert ready["pid"] == run.process.pid
    url = ready["dependencies"]["payments"]["url"]
    assert [ask(url, key=key) for key in "abb"] == [200, 200, 200]
    assert url == ready["proxies"]["line"]["url"]

    run.signal(number)
    done = run.wait()

    assert done.code == 0, done.err
    assert f"payments (http): {url}" in done.err
    assert "no fault will happen" in done.err
    (row,) = [line.split() for line in done.err.splitlines() if line.startswith(" payments  ")]
    assert row[:3] == ["payments", "3", "2"]
    assert row[-1] == "×1.5"
    assert "payments: 3 ok" in done.err
    assert "3 connections" in done.err
    assert max(map(len, done.err.splitlines())) <= 100
    assert "Traceback" not in done.err


def test_faults_happen_from_the_start_on_where_they_are_asked_for(playing):
    run, ready = playing("--faults", "--seed", "7")
    run.wait_for("outage begins")
    assert ready["seed"] == 7
    assert ask(ready["dependencies"]["payments"]["url"]) == 503
    run.signal(signal.SIGINT)
    done = run.wait()
    assert "1 status" in done.err


def test_a_proxy_before_the_sandbox_leads_nowhere_without_a_run(wedload):
    plan = wedload.plan(PLAN.replace('base_url = "http://127.0.0.1:9"', "sandbox = true"))
    run = wedload.start("simulate", plan)
    run.wait_until(lambda: run.out.endswith("\n"), "where they are")
    assert set(json.loads(run.out)["proxies"]) == {"line"}
    run.signal(signal.SIGINT)
    done = run.wait()
    assert done.code == 0, done.err
    assert "there is no sandbox that proxy front could lead to" in done.err


def test_a_plan_without_any_is_refused_with_the_remedy(wedload, small):
    done = wedload("simulate", small)
    assert done.code == 2
    assert "has no third parties and no proxies" in done.err
    assert "[dependencies.NAME]" in done.err


def test_stdout_that_takes_nothing_is_told_without_a_traceback(wedload):
    plan = wedload.plan(PLAN.replace('[proxies.front]\nupstream = "sandbox"\n', ""))
    with Path("/dev/full").open("wb") as full:
        done = wedload("simulate", plan, stdout=full)
    assert done.code == 4, done.err
    assert "could not be written to stdout: No space left on device" in " ".join(done.err.split())
    assert "defect" not in done.err


def test_a_port_that_is_taken_is_told(wedload, server):
    listen = server.url.removeprefix("http://")
    text = PLAN.replace('simulate = "http"\n', f'simulate = "http"\nlisten = "{listen}"\n')
    text = text.replace('[proxies.front]\nupstream = "sandbox"\n', "")
    done = wedload("simulate", wedload.plan(text))
    assert done.code == 4
    assert f"dependency payments: cannot listen on {listen}" in done.err
    assert done.out == ""
