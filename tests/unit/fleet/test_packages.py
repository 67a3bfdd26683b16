from pathlib import Path

import pytest

from tests.helpers.plans import SMALLEST
from wedload.errors import UsageError
from wedload.fleet import packages
from wedload.fleet.packages import (
    missing_for,
    require_monitoring,
    require_tracing,
    tracing_missing,
)
from wedload.plan.loader import parse_plan


def test_what_reads_spans_is_here():
    assert not tracing_missing()
    require_tracing()


def nothing_of_it(_: str) -> None:
    raise ModuleNotFoundError


@pytest.mark.parametrize("find", [lambda _: None, nothing_of_it])
def test_a_missing_package_is_named_with_how_to_install_it(monkeypatch, find):
    monkeypatch.setattr(packages, "find_spec", find)
    assert tracing_missing()
    with pytest.raises(UsageError) as caught:
        require_tracing()
    assert caught.value.hint == "install it with: pip install 'wedload[tracing]'"


ALL = """
[monitoring.prometheus]
remote_write = "http://127.0.0.1:9090/api/v1/write"
listen = "127.0.0.1:9646"
pushgateway = "http://127.0.0.1:9091"
[monitoring.otlp]
endpoint = "http://127.0.0.1:4318"
"""


def monitoring(text: str = ALL):
    return parse_plan(SMALLEST + text, file="plan.toml", base=Path()).plan.monitoring


def test_what_writes_figures_for_others_is_here():
    assert missing_for(monitoring()) == {}
    require_monitoring(monitoring())


@pytest.mark.parametrize("find", [lambda _: None, nothing_of_it])
def test_without_it_nobody_can_be_told_and_each_package_is_named(monkeypatch, find):
    monkeypatch.setattr(packages, "find_spec", find)
    assert missing_for(monitoring()) == {
        "prometheus.remote_write": "cramjam",
        "prometheus.listen": "prometheus-client",
        "prometheus.pushgateway": "prometheus-client",
        "otlp": "opentelemetry-proto",
    }
    with pytest.raises(UsageError) as caught:
        require_monitoring(monitoring())
    assert "cramjam" in caught.value.message
    assert caught.value.hint == "install it with: pip install 'wedload[monitoring]'"


def test_what_a_plan_does_not_ask_for_is_not_missing(monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda _: None)
    assert missing_for(None) == {}
    assert missing_for(monitoring('[monitoring]\njson_lines = "figures.jsonl"')) == {}
