"""What the tools of Prometheus and Alertmanager say of rules, cases, dashboards, examples."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.helpers.monitoring_rules import CASES, PLACE, RULES, expressions
from tests.helpers.programs import installed

ROUTES = PLACE / "alertmanager" / "route.example.yml"


def told(program: str, *arguments: object) -> str:
    """What it says; it must be content."""
    done = subprocess.run(
        [installed(program), *map(str, arguments)], cwd=PLACE / "tests",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_rules_are_right(file):
    assert "SUCCESS" in told("promtool", "check", "rules", file)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_rules_do_what_their_cases_say(file):
    assert "SUCCESS" in told("promtool", "test", "rules", file)


def test_prometheus_understands_every_expression_of_a_dashboard(tmp_path):
    rules = [{"record": f"panel:{number}", "expr": one} for number, one in enumerate(expressions())]
    file = tmp_path / "panels.yml"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    assert f"{len(rules)} rules found" in told("promtool", "check", "rules", file)


def test_the_example_of_a_prometheus_is_right_and_has_all_rules():
    said = told("promtool", "check", "config", PLACE / "prometheus" / "prometheus.example.yml")
    assert all(file.name in said for file in RULES)


def test_the_example_of_an_alertmanager_is_right():
    assert "SUCCESS" in told("amtool", "check-config", ROUTES)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=WedloadBenchmarkBurning", "severity=warning"), "load-testers"),
        (("alertname=WedloadBenchmarkClose", "severity=info"), "nobody"),
        (("alertname=DatabaseIsDown", "severity=critical"), "on-call"),
    ],
)
def test_it_keeps_alerts_about_runs_from_those_who_are_woken(labels, receiver):
    said = told("amtool", "config", "routes", "test", f"--config.file={ROUTES}", *labels)
    assert said.strip() == receiver
