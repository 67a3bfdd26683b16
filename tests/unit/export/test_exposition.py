"""A picture in Prometheus' text formats: read back by its own parsers, and by promtool."""

from __future__ import annotations

import subprocess

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain

from tests.helpers.pictures import picture_of_shop
from tests.helpers.programs import installed
from wedload.export.exposition import exposed, wants_open_metrics

OPEN = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"


@pytest.mark.parametrize(
    ("accept", "content_type", "read"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8", plain),
        ("text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8", plain),
        (OPEN, "application/openmetrics-text; version=1.0.0; charset=utf-8", open_metrics),
    ],
)
def test_it_is_in_the_format_that_is_asked_for(accept, content_type, read):
    body, said = exposed(picture_of_shop(), open_metrics=wants_open_metrics(accept))
    assert said == content_type
    samples = [one for family in read(body.decode()) for one in family.samples]
    buying = {"step": "buy", "outcome": "ok"}
    found = {
        (one.name, one.labels.get("le")): one.value
        for one in samples
        if buying.items() <= one.labels.items()
    }
    name = "wedload_http_req_duration_seconds"
    assert found["wedload_http_reqs_total", None] == 3
    assert found[f"{name}_count", None] == found[f"{name}_bucket", "+Inf"] == 3
    assert found[f"{name}_sum", None] == pytest.approx(2.07)
    assert found[f"{name}_bucket", "0.05"] == 2
    assert found[f"{name}_bucket", "2.0"] == 3


def test_before_the_first_picture_there_is_nothing():
    body, _ = exposed(None)
    assert body == b""


def test_promtool_finds_nothing_to_complain_about():
    body, _ = exposed(picture_of_shop())
    done = subprocess.run(
        [installed("promtool"), "check", "metrics"], input=body, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
