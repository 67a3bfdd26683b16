"""A run and a real Alertmanager: what is silenced, what is not, and what it tells itself."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess

import pytest
import uvloop

from tests.helpers.alertmanagers import wait_for
from tests.helpers.places import WEDLOAD
from tests.helpers.ports import free_port
from wedload.errors import TargetError, UsageError
from wedload.plan.loader import load_plan
from wedload.report.live import QuietView
from wedload.results.document import document_of
from wedload.results.model import Result
from wedload.run.options import RunOptions
from wedload.run.session import run_plan

PLAN = """\
schema = 1
name = "silent"
[targets.here]
base_url = "{target}"
[scenarios.main]
executor = "constant-vus"
vus = 1
duration = "{duration}"
pace = "100ms"
workflow = "visit"
[[workflows.visit]]
name = "look"
http = "GET /look"
[benchmarks]
"Nothing fails" = {{ require = "http_req_failed: rate < 10%", window = "3s" }}
[monitoring.alertmanager]
url = "{url}"
"""
SILENCE = 'silence = {{ environment = "{}" }}\nsilence_for = "5s"\n'


class Told(QuietView):
    def __init__(self):
        self.lines: list[str] = []

    def notice(self, text):
        self.lines.append(text)


def write(folder, target, url, more, duration="8s"):
    path = folder / "plan.toml"
    path.write_text(PLAN.format(target=target.url, url=url, duration=duration) + more)
    return path


def run(path, told=None):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        done = runner.run(run_plan(load_plan(path), RunOptions(), told or Told(), os.environ))
    return Result.model_validate(json.loads(json.dumps(document_of(done))))


class Beside:
    """A run as a process of its own, and its result when it is over."""

    def __init__(self, path):
        self._folder = path.parent
        command = [WEDLOAD, "run", path, "--quiet", "-o", "r.json"]
        with (self._folder / "run.err").open("wb") as err:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=err
            )

    def result(self):
        code = self._process.wait(60)
        assert code in {0, 1}, (self._folder / "run.err").read_text()
        return Result.model_validate_json((self._folder / "r.json").read_text())

    def kill(self):
        self._process.kill()
        self._process.wait()


@pytest.fixture
def beside():
    started = []

    def start(path):
        started.append(Beside(path))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def kinds(result):
    return [one.kind for one in result.validity.findings]


def test_what_matches_is_silenced_while_the_run_lasts_and_heard_again_after_it(
    tmp_path, target, alertmanager, beside
):
    path = write(tmp_path, target, alertmanager.url, SILENCE.format("staging"))
    begun = beside(path)
    wait_for(lambda: alertmanager.states() == ["active"])
    first = alertmanager.silences()[0]
    alertmanager.fire(alertname="HighLatency", environment="staging")
    alertmanager.fire(alertname="DiskFull", environment="production")
    wait_for(lambda: len(alertmanager.alerts()) == 2)
    states = {name: one["status"]["state"] for name, one in alertmanager.alerts().items()}
    assert states == {"HighLatency": "suppressed", "DiskFull": "active"}
    wait_for(lambda: alertmanager.silences()[0]["endsAt"] > first["endsAt"])  # it is renewed
    result = begun.result()

    (silence,) = alertmanager.silences()
    assert (silence["id"], silence["status"]["state"]) == (first["id"], "expired")
    assert (silence["createdBy"], silence["startsAt"]) == ("wedload", first["startsAt"])
    assert f"wedload run {result.run.id} of silent" in silence["comment"]
    assert {"name": "environment", "value": "staging", "isRegex": False, "isEqual": True} in (
        silence["matchers"]
    )
    assert result.monitoring.alerts.silenced == ["HighLatency"]
    assert result.monitoring.alerts.heard == []
    assert result.monitoring.alerts.silences == [first["id"]]
    assert alertmanager.alerts()["HighLatency"]["status"]["state"] == "active"
    assert result.verdict == "pass"


def test_an_alert_of_the_environment_that_fired_and_was_not_silenced_is_named(
    tmp_path, target, alertmanager, beside
):
    both = 'silence = { environment = "staging", team = "booking" }\n'
    begun = beside(write(tmp_path, target, alertmanager.url, both, duration="4s"))
    wait_for(lambda: alertmanager.states() == ["active"])
    alertmanager.fire(alertname="HighLatency", environment="staging", team="forms")
    result = begun.result()
    assert result.monitoring.alerts.heard == ["HighLatency"]
    (finding,) = (one for one in result.validity.findings if one.kind == "alerts-heard")
    assert "HighLatency" in finding.message
    assert result.verdict == "pass"


def test_a_row_that_burns_is_an_alert_until_the_run_is_over(tmp_path, target, alertmanager, beside):
    target.fails = lambda _: True
    more = SILENCE.format("staging") + 'labels = { environment = "staging", team = "booking" }\n'
    begun = beside(write(tmp_path, target, alertmanager.url, more))
    wait_for(lambda: "WedloadBenchmarkBurning" in alertmanager.alerts())
    alert = alertmanager.alerts()["WedloadBenchmarkBurning"]
    result = begun.result()
    assert alert["labels"] == {
        "alertname": "WedloadBenchmarkBurning", "plan": "silent", "target": "here",
        "benchmark": "Nothing fails", "severity": "warning", "team": "booking",
        "environment": "staging",
    }  # fmt: skip
    assert alert["status"]["state"] == "active"  # no run silences its own
    assert "http_req_failed rate" in alert["annotations"]["summary"]
    assert "required < 10%" in alert["annotations"]["summary"]
    assert "WedloadBenchmarkBurning" not in alertmanager.alerts()  # resolved
    assert result.monitoring.alerts.raised == 1


def test_without_its_silence_no_run_begins(tmp_path, target):
    path = write(tmp_path, target, f"http://127.0.0.1:{free_port()}", SILENCE.format("staging"))
    with pytest.raises(TargetError) as caught:
        run(path)
    assert "plan.toml:18: alertmanager.silence: alerts are not silenced" in str(caught.value)
    assert "cannot be reached" in str(caught.value)
    assert target.requests == []


def test_production_is_not_silenced_unless_the_target_is_it(tmp_path, target, alertmanager):
    path = write(tmp_path, target, alertmanager.url, SILENCE.format("eu-prod"))
    with pytest.raises(UsageError, match='"eu-prod" looks like production'):
        run(path)
    assert (alertmanager.silences(), target.requests) == ([], [])


def test_an_alertmanager_that_is_gone_for_own_alerts_is_a_warning_and_no_more(tmp_path, target):
    target.fails = lambda _: True
    told = Told()
    path = write(tmp_path, target, f"http://127.0.0.1:{free_port()}", "", duration="6s")
    result = run(path, told)
    assert "not-told" in kinds(result)
    assert any("an alert of a row that burns is not told" in one for one in told.lines)
    assert result.verdict == "fail"  # by its row
