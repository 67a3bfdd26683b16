from pathlib import Path

from tests.helpers.plans import SMALLEST
from wedload.plan.loader import parse_plan
from wedload.report.explain_monitoring import monitoring_lines

ALL = """
[monitoring]
every = "10s"
allow_hosts = ["metrics.test"]
json_lines = "figures.jsonl"
[monitoring.prometheus]
remote_write = "https://metrics.test/${env.WEDLOAD_TENANT}/push"
listen = "127.0.0.1:9646"
pushgateway = "http://127.0.0.1:9091"
[monitoring.otlp]
endpoint = "http://127.0.0.1:4318"
"""


def said(text: str, **more):
    plan = parse_plan(SMALLEST + text, file="plan.toml", base=Path()).plan
    return [line for line, _ in monitoring_lines(plan, **more)]


def test_it_says_who_gets_what():
    assert said(ALL) == [
        (
            "figures of the run go to https://metrics.test/${env.WEDLOAD_TENANT}/push"
            " (remote write), every 10s"
        ),
        "figures of the run go to http://127.0.0.1:4318 (OTLP), every 10s",
        "figures of the run go to the file figures.jsonl, every 10s",
        "a Prometheus may fetch figures at 127.0.0.1:9646 as /metrics",
        "the verdict goes to the Pushgateway http://127.0.0.1:9091",
    ]


TOLD = """
[monitoring.alertmanager]
url = "http://127.0.0.1:9093"
silence = [{ environment = "staging" }, { env = "=~qa|load", job = "!=db" }]
[monitoring.grafana]
url = "http://127.0.0.1:3000"
[[monitoring.notify]]
url = "${env.WEDLOAD_SLACK_URL}"
on = "not-passed"
"""


def test_it_says_what_is_silenced_and_who_is_told_in_words():
    at = "http://127.0.0.1:9093"
    assert said(TOLD) == [
        f'silenced at {at} while the run lasts (else for 1m): environment="staging"',
        f'silenced at {at} while the run lasts (else for 1m): env=~"qa|load" job!="db"',
        f"rows that burn are alerts at {at}",
        "stages and faults become annotations at the Grafana http://127.0.0.1:3000",
        "a verdict that is not a pass is told to ${env.WEDLOAD_SLACK_URL}",
    ]


def test_without_monitoring_it_says_nothing():
    assert said("") == []


def test_any_free_port_is_called_that():
    lines = said(ALL.replace("127.0.0.1:9646", "127.0.0.1:0"))
    assert "a Prometheus may fetch figures at 127.0.0.1, any free port, as /metrics" in lines


def test_what_is_missing_is_said_before_a_run():
    missing = {"prometheus.listen": "prometheus-client", "otlp": "opentelemetry-proto"}
    assert (
        "a run needs opentelemetry-proto, prometheus-client: pip install 'wedload[monitoring]'"
        in said(ALL, missing=missing)
    )
